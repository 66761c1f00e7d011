import { isIPv4, isIPv6 } from "node:net";

/** An IP address as bytes: 4 for IPv4, 16 for IPv6. */
export type IpBytes = readonly number[];

function parseIpv4(text: string): IpBytes {
  return text.split(".").map(Number);
}

/** Two bytes for each colon-separated group; a dotted tail gives four. */
function parseGroups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return [...parseIpv4(group)];
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function parseIpv6(text: string): IpBytes {
  const [head = "", tail] = text.split("::");
  if (tail === undefined) return parseGroups(head);
  const before = parseGroups(head);
  const after = parseGroups(tail);
  const zeros = new Array<number>(16 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

/**
 * Parses an address as sockets know it: strict dotted IPv4, or IPv6 with an optional zone (`fe80::1%eth0`), which is dropped.
 * Returns undefined for everything else: shortened, octal, hexadecimal and decimal notations are names, not addresses.
 */
export function parseIpAddress(text: string): IpBytes | undefined {
  if (isIPv4(text)) return parseIpv4(text);
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf("%");
  return parseIpv6(zone === -1 ? text : text.slice(0, zone));
}

/** Whether the first `bits` bits of `address` are those of `prefix`; addresses of different families never match. */
export function hasPrefix(address: IpBytes, prefix: IpBytes, bits: number): boolean {
  if (address.length !== prefix.length) return false;
  for (let index = 0; index * 8 < bits; index++) {
    const mask = bits - index * 8 >= 8 ? 0xff : (0xff << (8 - (bits - index * 8))) & 0xff;
    if (((address[index] ?? 0) & mask) !== ((prefix[index] ?? 0) & mask)) return false;
  }
  return true;
}
