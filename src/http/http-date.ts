const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The three forms a recipient must understand (RFC 9110, section 5.6.7): IMF-fixdate, RFC 850 and asctime. */
const FORMS = [
  /^\w{3}, (?<day>\d{2}) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{6,9}, (?<day>\d{2})-(?<month>\w{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** Nearly every date there is, and all of it such that `Date.parse` understands it as it is meant, at a fraction of the cost. */
const USUAL = new RegExp(
  String.raw`^\w{3}, \d{2} (?:${MONTHS.join("|")}) [1-9]\d{3} (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d GMT$`,
);

/** Unix milliseconds of an HTTP date; undefined when absent or not one (`Date.parse` would take `0` for the year 2000). */
export function parseHttpDate(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const trimmed = text.trim();
  if (USUAL.test(trimmed)) return knownMs(Date.parse(trimmed));
  for (const form of FORMS) {
    const found = form.exec(trimmed)?.groups;
    if (found) return toUnixMs(found);
  }
  return undefined;
}

function toUnixMs(found: Readonly<Record<string, string>>): number | undefined {
  const { day = "", month = "", year = "", time = "" } = found;
  const monthIndex = MONTHS.indexOf(month);
  const [hours, minutes, seconds] = time.split(":").map(Number);
  const ms = Date.UTC(fullYear(year), monthIndex, Number(day), hours, minutes, seconds);
  return monthIndex < 0 ? undefined : knownMs(ms);
}

function knownMs(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms;
}

/** Two digits mean the past century from 70 on: RFC 850 dates come from servers of that time. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

/** `Wed, 01 Jan 2025 00:00:00 GMT` for Unix milliseconds. */
export function formatHttpDate(unixMs: number): string {
  return new Date(unixMs).toUTCString();
}
