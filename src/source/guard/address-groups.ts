import { hasPrefix, type IpBytes, parseIpAddress } from "./ip-address.ts";

/** The kinds of address that a source may be kept from; each has its own `IMGPROXY_ALLOW_…_SOURCE_ADDRESSES`. */
export type AddressGroup = "loopback" | "link-local" | "private";

type Network = { readonly group: AddressGroup; readonly prefix: IpBytes; readonly bits: number };

function network(group: AddressGroup, cidr: string): Network {
  const [address = "", bits] = cidr.split("/");
  const prefix = parseIpAddress(address);
  if (prefix === undefined) throw new TypeError(`not a network: ${cidr}`);
  return { group, prefix, bits: Number(bits) };
}

/**
 * The reference's networks. Ours on top: all of 0.0.0.0/8, the deprecated site-local fec0::/10, and the metadata services that clouds put
 * on private or public addresses, which count as link-local (refused by default) because they hand out credentials.
 */
const NETWORKS: readonly Network[] = [
  network("loopback", "127.0.0.0/8"),
  network("loopback", "0.0.0.0/8"),
  network("loopback", "::1/128"),
  network("loopback", "::/128"),
  network("link-local", "169.254.0.0/16"),
  network("link-local", "224.0.0.0/24"),
  network("link-local", "fe80::/10"),
  network("link-local", "ff02::/16"),
  network("link-local", "100.100.100.200/32"), // Alibaba Cloud metadata
  network("link-local", "192.0.0.192/32"), // Oracle Cloud metadata
  network("link-local", "168.63.129.16/32"), // Azure host agent
  network("link-local", "fd00:ec2::254/128"), // AWS metadata
  network("link-local", "fd20:ce::254/128"), // Google Cloud metadata
  network("private", "10.0.0.0/8"),
  network("private", "172.16.0.0/12"),
  network("private", "192.168.0.0/16"),
  network("private", "100.64.0.0/10"),
  network("private", "fc00::/7"),
  network("private", "fec0::/10"),
];

/** An IPv6 range whose addresses carry an IPv4 address that gateways or the kernel would talk to. */
type Embedding = {
  readonly prefix: IpBytes;
  readonly bits: number;
  readonly at: readonly number[];
  readonly isInverted?: boolean;
};

function embedding(cidr: string, at: readonly number[], isInverted = false): Embedding {
  const { prefix, bits } = network("loopback", cidr);
  return { prefix, bits, at, isInverted };
}

const LAST_FOUR = [12, 13, 14, 15];

const EMBEDDINGS: readonly Embedding[] = [
  embedding("::/96", LAST_FOUR), // IPv4-compatible, RFC 4291
  embedding("::ffff:0:0/96", LAST_FOUR), // IPv4-mapped, RFC 4291
  embedding("::ffff:0:0:0/96", LAST_FOUR), // IPv4-translated, RFC 2765
  embedding("64:ff9b::/96", LAST_FOUR), // NAT64, RFC 6052
  embedding("64:ff9b:1::/48", LAST_FOUR), // local NAT64 with a /96 inside, RFC 8215
  embedding("64:ff9b:1::/48", [6, 7, 9, 10]), // local NAT64 used as a /48, RFC 6052 §2.2
  embedding("2002::/16", [2, 3, 4, 5]), // 6to4, RFC 3056
  embedding("2001::/32", [4, 5, 6, 7]), // Teredo server, RFC 4380
  embedding("2001::/32", LAST_FOUR, true), // Teredo client, bits inverted
];

/** ISATAP (RFC 5214) marks the interface identifier, whatever the network in front of it. */
function isatapAddress(address: IpBytes): IpBytes | undefined {
  const [flags = -1, zero, marker, protocol] = address.slice(8, 12);
  const isIsatap = (flags & 0xfd) === 0 && zero === 0 && marker === 0x5e && protocol === 0xfe;
  return isIsatap ? address.slice(12) : undefined;
}

function embeddedAddresses(address: IpBytes): IpBytes[] {
  if (address.length !== 16) return [];
  const found = EMBEDDINGS.filter(({ prefix, bits }) => hasPrefix(address, prefix, bits)).map(({ at, isInverted }) =>
    at.map((index) => (address[index] ?? 0) ^ (isInverted === true ? 0xff : 0)),
  );
  const isatap = isatapAddress(address);
  return isatap === undefined ? found : [...found, isatap];
}

/** Every group an address belongs to, the groups of IPv4 addresses inside an IPv6 address included; empty for public addresses. */
export function addressGroups(address: IpBytes): ReadonlySet<AddressGroup> {
  const candidates = [address, ...embeddedAddresses(address)];
  const hits = NETWORKS.filter(({ prefix, bits }) =>
    candidates.some((candidate) => hasPrefix(candidate, prefix, bits)),
  );
  return new Set(hits.map(({ group }) => group));
}
