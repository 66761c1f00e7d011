/** By-line, credit and copyright notice of record 2. */
const KEPT_DATASETS = new Set([80, 110, 116]);
const APPLICATION_RECORD = 2;
const TAG_MARKER = 0x1c;

const PHOTOSHOP = "Photoshop 3.0\0";
const RESOURCE_SIGNATURE = "8BIM";
const IPTC_RESOURCE = 0x0404;
const MAX_RESOURCES = 1024;
/** A JPEG segment's length counts itself and has 16 bits. */
const MAX_SEGMENT_PAYLOAD = 0xffff - 2;

/**
 * What `keep_copyright` leaves of IPTC: by-line, credit, copyright notice, and the records other than the application
 * record. Takes the content of a JPEG's APP13 segment or bare records (TIFF); gives bare records, or null when none of
 * the three is left. Never throws.
 */
export function filterIptcCopyright(iptc: Uint8Array): Uint8Array | null {
  const records = startsWithText(iptc, 0, PHOTOSHOP) ? findIptcResource(iptc) : iptc;
  if (records === null) return null;
  const kept: Uint8Array[] = [];
  let hasCopyright = false;
  for (const { record, dataset, bytes } of datasets(records)) {
    const isCopyright = record === APPLICATION_RECORD && KEPT_DATASETS.has(dataset);
    if (isCopyright || record !== APPLICATION_RECORD) kept.push(bytes);
    hasCopyright ||= isCopyright;
  }
  return hasCopyright ? Buffer.concat(kept) : null;
}

/**
 * Puts IPTC records into a JPEG file, as an APP13 segment behind its leading application segments. The file itself when
 * it is no JPEG or the records do not fit.
 */
export function insertIptcIntoJpeg(jpeg: Uint8Array, records: Uint8Array): Uint8Array {
  const payload = photoshopBlock(records);
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8 || payload.length > MAX_SEGMENT_PAYLOAD) return jpeg;
  const at = endOfApplicationSegments(jpeg);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffed, 0);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, at), head, payload, jpeg.subarray(at)]);
}

type Dataset = { readonly record: number; readonly dataset: number; readonly bytes: Uint8Array };

/** Stops at the first thing that is not a data set. Extended lengths (above 32 KiB) do not occur in what we keep. */
function* datasets(records: Uint8Array): Generator<Dataset> {
  let at = 0;
  while (at + 5 <= records.length && records[at] === TAG_MARKER) {
    const length = ((records[at + 3] ?? 0) << 8) | (records[at + 4] ?? 0);
    const end = at + 5 + length;
    if (length > 0x7fff || end > records.length) return;
    yield { record: records[at + 1] ?? 0, dataset: records[at + 2] ?? 0, bytes: records.subarray(at, end) };
    at = end;
  }
}

function findIptcResource(block: Uint8Array): Uint8Array | null {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  let at = PHOTOSHOP.length;
  for (let count = 0; count < MAX_RESOURCES && startsWithText(block, at, RESOURCE_SIGNATURE); count++) {
    if (at + 7 > block.length) return null;
    const nameBytes = evenLength(1 + view.getUint8(at + 6));
    const sizeAt = at + 6 + nameBytes;
    if (sizeAt + 4 > block.length) return null;
    const size = view.getUint32(sizeAt);
    if (view.getUint16(at + 4) === IPTC_RESOURCE) return block.subarray(sizeAt + 4, sizeAt + 4 + size);
    at = sizeAt + 4 + evenLength(size);
  }
  return null;
}

function photoshopBlock(records: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.write(RESOURCE_SIGNATURE, 0, "latin1");
  head.writeUInt16BE(IPTC_RESOURCE, 4);
  head.writeUInt32BE(records.length, 8);
  const padding = Buffer.alloc(evenLength(records.length) - records.length);
  return Buffer.concat([Buffer.from(PHOTOSHOP, "latin1"), head, records, padding]);
}

function endOfApplicationSegments(jpeg: Uint8Array): number {
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && ((jpeg[at + 1] ?? 0) & 0xf0) === 0xe0) {
    at += 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0));
  }
  return Math.min(at, jpeg.length);
}

function evenLength(length: number): number {
  return length + (length % 2);
}

function startsWithText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
