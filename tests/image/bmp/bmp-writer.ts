/** What a test wants of a BMP file. */
export type BmpSpec = {
  readonly width: number;
  /** Negative: rows top to bottom. */
  readonly height: number;
  readonly bits: number;
  readonly headerBytes?: number;
  readonly compression?: number;
  readonly planes?: number;
  /** Red, green, blue, alpha. */
  readonly masks?: readonly number[];
  /** RGB. */
  readonly palette?: readonly (readonly [number, number, number])[];
  readonly colorsUsed?: number;
  /** Stored rows without padding, in the file's order; or the run-length data. */
  readonly rows: readonly (readonly number[])[];
};

/** A BMP file, or with `hasFileHeader: false` what lies in an icon. */
export function bmpFile(spec: BmpSpec, hasFileHeader = true): Uint8Array {
  const { headerBytes = 40, compression = 0, palette = [], masks = [] } = spec;
  const isCore = headerBytes === 12;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(headerBytes, 0);
  if (isCore) {
    header.writeUInt16LE(spec.width, 4);
    header.writeUInt16LE(spec.height, 6);
    header.writeUInt16LE(spec.planes ?? 1, 8);
    header.writeUInt16LE(spec.bits, 10);
  } else {
    header.writeInt32LE(spec.width, 4);
    header.writeInt32LE(spec.height, 8);
    header.writeUInt16LE(spec.planes ?? 1, 12);
    header.writeUInt16LE(spec.bits, 14);
    header.writeUInt32LE(compression, 16);
    header.writeUInt32LE(spec.colorsUsed ?? palette.length, 32);
    for (const [i, mask] of masks.entries())
      if (headerBytes >= 40 + (i + 1) * 4) header.writeUInt32LE(mask, 40 + i * 4);
  }
  const trailing = headerBytes === 40 ? masks.slice(0, compression === 6 ? 4 : 3) : [];
  const maskBytes = Buffer.alloc(trailing.length * 4);
  for (const [i, mask] of trailing.entries()) maskBytes.writeUInt32LE(mask, i * 4);
  const colors = Buffer.from(palette.flatMap(([r, g, b]) => (isCore ? [b, g, r] : [b, g, r, 0])));
  const isPacked = compression === 1 || compression === 2;
  const pixels = Buffer.concat(spec.rows.map((row) => (isPacked ? Buffer.from(row) : padded(row))));
  const body = Buffer.concat([header, maskBytes, colors, pixels]);
  if (!hasFileHeader) return body;
  const fileHeader = Buffer.alloc(14);
  fileHeader.write("BM", 0, "latin1");
  fileHeader.writeUInt32LE(14 + body.length, 2);
  fileHeader.writeUInt32LE(14 + body.length - pixels.length, 10);
  return Buffer.concat([fileHeader, body]);
}

function padded(row: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from(row), Buffer.alloc((4 - (row.length % 4)) % 4)]);
}
