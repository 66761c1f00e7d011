/** Less than this is not worth the call, and may be a part of a slab that others have parts of. */
const LEAST_BYTES = 16 * 1024;

/**
 * Gives the memory of bytes back at once, instead of when the garbage collector comes by: under load that is several images later,
 * and doubled the peak. The bytes are empty afterwards, as are all views of them, so they must be the caller's own and nobody may be
 * reading them. Does nothing for small ones and for parts of a larger buffer.
 */
export function releaseBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < LEAST_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  // To move nothing out of a buffer is the one way that the language has to empty it (ECMAScript 2024, 25.1.6.8).
  buffer.transfer(0);
}
