import { describe, expect, test } from "bun:test";
import { addressGroups } from "../../../src/source/guard/address-groups.ts";
import { createAddressGuard } from "../../../src/source/guard/address-guard.ts";
import { hasPrefix, parseIpAddress } from "../../../src/source/guard/ip-address.ts";

function groupsOf(text: string): string[] {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return [...addressGroups(address)].sort();
}

describe("an address is parsed as sockets know it", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"],
    ["::1", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1"],
    ["1::", "0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0"],
    ["::ffff:1.2.3.4", "0.0.0.0.0.0.0.0.0.0.255.255.1.2.3.4"],
    ["::FFFF:102:304", "0.0.0.0.0.0.0.0.0.0.255.255.1.2.3.4"],
    ["2001:db8:1:2:3:4:5:6", "32.1.13.184.0.1.0.2.0.3.0.4.0.5.0.6"],
    ["fe80::1%eth0", "254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1"],
    ["1:2:3:4:5:6:1.2.3.4", "0.1.0.2.0.3.0.4.0.5.0.6.1.2.3.4"],
  ])("%s", (text, bytes) => {
    expect(parseIpAddress(text)?.join(".")).toBe(bytes);
  });

  test.each([
    "",
    "localhost",
    "127.1",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "127.0.0.01",
    "1.2.3.4.5",
    "1.2.3.256",
    ":::",
    "1::2::3",
    "[::1]",
  ])("%j is no address", (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });
});

test("a prefix is compared bit by bit and within one family", () => {
  const bytes = (text: string) => parseIpAddress(text) ?? [];
  expect(hasPrefix(bytes("172.31.255.255"), bytes("172.16.0.0"), 12)).toBe(true);
  expect(hasPrefix(bytes("172.32.0.0"), bytes("172.16.0.0"), 12)).toBe(false);
  expect(hasPrefix(bytes("1.2.3.4"), bytes("1.2.3.5"), 31)).toBe(true);
  expect(hasPrefix(bytes("1.2.3.4"), bytes("1.2.3.5"), 32)).toBe(false);
  expect(hasPrefix(bytes("::1"), bytes("0.0.0.1"), 0)).toBe(false);
});

describe("addresses fall into groups at the edges of the networks", () => {
  test.each([
    ["0.0.0.0", "loopback"],
    ["0.1.2.3", "loopback"],
    ["1.0.0.0", ""],
    ["126.255.255.255", ""],
    ["127.0.0.0", "loopback"],
    ["127.255.255.255", "loopback"],
    ["128.0.0.0", ""],
    ["169.253.255.255", ""],
    ["169.254.0.0", "link-local"],
    ["169.254.169.254", "link-local"],
    ["169.254.255.255", "link-local"],
    ["169.255.0.0", ""],
    ["223.255.255.255", ""],
    ["224.0.0.0", "link-local"],
    ["224.0.0.255", "link-local"],
    ["224.0.1.0", ""],
    ["9.255.255.255", ""],
    ["10.0.0.0", "private"],
    ["10.255.255.255", "private"],
    ["11.0.0.0", ""],
    ["172.15.255.255", ""],
    ["172.16.0.0", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.0", ""],
    ["192.167.255.255", ""],
    ["192.168.0.0", "private"],
    ["192.168.255.255", "private"],
    ["192.169.0.0", ""],
    ["100.63.255.255", ""],
    ["100.64.0.0", "private"],
    ["100.127.255.255", "private"],
    ["100.128.0.0", ""],
    ["8.8.8.8", ""],
    ["::", "loopback"],
    ["::1", "loopback"],
    ["::2", "loopback"], // IPv4-compatible 0.0.0.2
    ["fe7f::1", ""],
    ["fe80::1", "link-local"],
    ["febf::1", "link-local"],
    ["fec0::1", "private"],
    ["ff02::1", "link-local"],
    ["ff05::1", ""],
    ["fbff::1", ""],
    ["fc00::1", "private"],
    ["fdff::1", "private"],
    ["2001:4860:4860::8888", ""],
  ])("%s is %j", (text, groups) => {
    expect(groupsOf(text).join("+")).toBe(groups);
  });
});

describe("an IPv4 address inside an IPv6 address counts", () => {
  test.each([
    ["mapped, dotted", "::ffff:127.0.0.1", "loopback"],
    ["mapped, hexadecimal", "::ffff:7f00:1", "loopback"],
    ["mapped link-local", "::ffff:a9fe:a9fe", "link-local"],
    ["compatible", "::10.0.0.1", "private"],
    ["translated", "::ffff:0:192.168.1.1", "private"],
    ["6to4", "2002:7f00:1::", "loopback"],
    ["6to4 of a private network", "2002:a00:1::1", "private"],
    ["NAT64", "64:ff9b::169.254.169.254", "link-local"],
    ["local NAT64, /96 inside", "64:ff9b:1::10.0.0.1", "private"],
    ["local NAT64 used as /48", "64:ff9b:1:7f00:0:100::", "loopback"],
    ["Teredo client (inverted)", "2001:0:5db8:d822::80ff:fffe", "loopback"],
    ["Teredo server", "2001:0:7f00:1::a247:27dd", "loopback"],
    ["ISATAP, local id", "2001:db8::5efe:10.1.2.3", "private"],
    ["ISATAP, global id", "2001:db8::200:5efe:127.0.0.1", "loopback"],
  ])("%s: %s is %s", (_, text, group) => {
    expect(groupsOf(text)).toContain(group);
  });

  test.each(["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:db8::5efe:8.8.8.8"])(
    "%s is public",
    (text) => {
      expect(groupsOf(text)).toEqual([]);
    },
  );
});

test.each([
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2::254",
  "fd20:ce::254",
  "::ffff:100.100.100.200",
])("the cloud metadata service at %s counts as link-local", (text) => {
  expect(groupsOf(text)).toContain("link-local");
});

describe("the guard", () => {
  const strict = {
    allowLoopbackSourceAddresses: false,
    allowLinkLocalSourceAddresses: false,
    allowPrivateSourceAddresses: false,
  };

  test("names the group, the endpoint and the variable that would allow it", () => {
    const guard = createAddressGuard(strict);
    const messages = ["127.0.0.1", "fe80::1%eth0", "10.1.2.3"].map((address) => guard(address, 8080)?.message);
    expect(messages).toEqual([
      "Loopback source address is not allowed: 127.0.0.1:8080",
      "Link-local source address is not allowed: [fe80::1%eth0]:8080",
      "Private source address is not allowed: 10.1.2.3:8080",
    ]);
    expect(guard("127.0.0.1", 80)?.hint).toContain("IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES");
    expect(guard("127.0.0.1", 80)?.kind).toBe("source_forbidden");
    expect(guard("8.8.8.8", 80)).toBeUndefined();
  });

  test.each([
    ["allowLoopbackSourceAddresses", "127.0.0.1"],
    ["allowLinkLocalSourceAddresses", "169.254.169.254"],
    ["allowPrivateSourceAddresses", "10.0.0.1"],
  ])("%s opens its own group only", (key, address) => {
    const guard = createAddressGuard({ ...strict, [key]: true });
    const refused = ["127.0.0.1", "169.254.169.254", "10.0.0.1"].filter(
      (candidate) => guard(candidate, 80) !== undefined,
    );
    expect(guard(address, 80)).toBeUndefined();
    expect(refused).toHaveLength(2);
  });

  test("an address in two groups needs both to be allowed", () => {
    const guard = createAddressGuard({ ...strict, allowPrivateSourceAddresses: true });
    expect(guard("64:ff9b:1:7f00:0:100:a00:1", 80)?.message).toStartWith("Loopback");
    expect(guard("100.100.100.200", 80)?.message).toStartWith("Link-local");
  });

  test("a name is refused: it should have been resolved", () => {
    const guard = createAddressGuard({ ...strict, allowLoopbackSourceAddresses: true });
    expect(guard("localhost", 80)?.kind).toBe("source_forbidden");
  });
});
