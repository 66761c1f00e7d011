import type { BmpHeader } from "./bmp-header.ts";

/** Second byte of a pair that begins with 0: an escape. From 3 on, that many literal indexes follow. */
const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const DELTA = 2;

/** Codes handled between two turns of the event loop: about a millisecond. */
const CODES_PER_TURN = 32 * 1024;

/**
 * Unpacks RLE4 or RLE8 into one index a pixel, in the file's order of rows. Pixels that the data jumps over have index
 * 0. Data that runs out, or out of the picture, ends it early; time is linear in data and picture. A
 * generator for `inTurns`.
 */
export function* unpackRunLength(data: Uint8Array, header: BmpHeader): Generator<void, Uint8Array> {
  const { width, height } = header;
  const isNibbles = header.bitsPerPixel === 4;
  const indexes = new Uint8Array(width * height);
  let x = 0;
  let row = 0;
  let position = 0;

  const put = (index: number): void => {
    if (x < width) indexes[row * width + x] = index;
    x += 1;
  };
  const putRun = (count: number, value: number): void => {
    for (let i = 0; i < count && x < width; i++) put(isNibbles ? nibble(value, i) : value);
  };
  const putLiteral = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const byte = data[position + (isNibbles ? i >> 1 : i)] ?? 0;
      put(isNibbles ? nibble(byte, i) : byte);
    }
    const bytes = isNibbles ? (count + 1) >> 1 : count;
    position += bytes + (bytes & 1); // literals are padded to 16 bits
  };

  for (let codes = 1; row < height && position + 1 < data.length; codes++) {
    if (codes % CODES_PER_TURN === 0) yield;
    const count = data[position] ?? 0;
    const value = data[position + 1] ?? 0;
    position += 2;
    if (count > 0) putRun(count, value);
    else if (value === END_OF_BITMAP) break;
    else if (value === END_OF_LINE) {
      x = 0;
      row += 1;
    } else if (value === DELTA) {
      x += data[position] ?? 0;
      row += data[position + 1] ?? 0;
      position += 2;
    } else putLiteral(value);
  }
  return indexes;
}

/** Samples of four bits, the high half first. */
function nibble(byte: number, index: number): number {
  return index % 2 === 0 ? byte >> 4 : byte & 15;
}
