import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import { type AddressGroup, addressGroups } from "./address-groups.ts";
import { parseIpAddress } from "./ip-address.ts";

export type AddressGuardConfig = Pick<
  Config,
  "allowLoopbackSourceAddresses" | "allowLinkLocalSourceAddresses" | "allowPrivateSourceAddresses"
>;

/** The reason why an address may not be connected to, or undefined when it may. */
export type AddressGuard = (address: string, port: number) => AppError | undefined;

const LABELS = { loopback: "Loopback", "link-local": "Link-local", private: "Private" } as const;
const VARIABLES = {
  loopback: "IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES",
  "link-local": "IMGPROXY_ALLOW_LINK_LOCAL_SOURCE_ADDRESSES",
  private: "IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES",
} as const;
const GROUPS: readonly AddressGroup[] = ["loopback", "link-local", "private"];

function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Compiles the three `allow…SourceAddresses` switches into one check of an address that a socket is about to connect to.
 * The answer is a `source_forbidden` error, worded as the reference words it. Text that is no address is refused as well:
 * whoever asks must have resolved the name.
 */
export function createAddressGuard(config: AddressGuardConfig): AddressGuard {
  const isAllowed: Readonly<Record<AddressGroup, boolean>> = {
    loopback: config.allowLoopbackSourceAddresses,
    "link-local": config.allowLinkLocalSourceAddresses,
    private: config.allowPrivateSourceAddresses,
  };
  return (address, port) => {
    const bytes = parseIpAddress(address);
    if (bytes === undefined) return new AppError("source_forbidden", `not an IP address: ${JSON.stringify(address)}`);
    const groups = addressGroups(bytes);
    const refused = GROUPS.find((group) => groups.has(group) && !isAllowed[group]);
    if (refused === undefined) return undefined;
    return new AppError(
      "source_forbidden",
      `${LABELS[refused]} source address is not allowed: ${endpoint(address, port)}`,
      { hint: `Set ${VARIABLES[refused]}=true if sources may live there.` },
    );
  };
}
