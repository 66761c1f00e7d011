/**
 * `77.4 kB`, in units of 1000.
 * @param {number} bytes
 */
export function bytesText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 999_950 ? [bytes / 1000, "kB"] : [bytes / 1e6, "MB"];
  return `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
}

/**
 * `12 ms`, `1.2 s`.
 * @param {number} milliseconds
 */
export function timeText(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * How a size relates to another: `−87 %`, `+12 %`, `±0 %`.
 * @param {number} bytes
 * @param {number} base
 */
export function changeText(bytes, base) {
  const percent = Math.round((bytes / base - 1) * 100);
  if (percent === 0) return "±0 %";
  return percent < 0 ? `−${-percent} %` : `+${percent} %`;
}

/**
 * The words of an option's name: `max_src_resolution` → `Max src resolution`, `dpr` → `DPR`.
 * @param {string} name
 */
export function titleOf(name) {
  const words = name.replace(/[_-]/g, " ");
  return /[aeiou]/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words.toUpperCase();
}

/**
 * `image/svg+xml` or `svg` → `SVG`.
 * @param {string} mime
 */
export function formatText(mime) {
  const name = mime.replace(/^image\/(x-)?/, "").replace(/\+xml$/, "");
  return (
    new Map([
      ["icon", "ICO"],
      ["webp", "WebP"],
      ["heif", "HEIC"],
    ]).get(name) ?? name.toUpperCase()
  );
}

/**
 * The last part of a source, for people.
 * @param {string} source
 */
export function sourceName(source) {
  const path = source.split(/[?#]/, 1)[0] ?? "";
  return (
    path
      .split("/")
      .filter((part) => part !== "")
      .at(-1) ?? source
  );
}
