/** Longer datagrams are refused by UDP and by most syslogs. */
const MAX_BYTES = 60_000;

/** A line as the bytes of one datagram, cut where it is too long. */
export function datagramOf(line: string): Uint8Array {
  return Buffer.from(line).subarray(0, MAX_BYTES);
}
