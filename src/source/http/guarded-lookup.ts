import { type LookupAddress, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { AddressGuard } from "../guard/address-guard.ts";

/** Every address of a name, in the order they should be tried. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The system's resolver: hosts file, DNS, whatever `getaddrinfo` knows. */
export const resolveWithSystem: ResolveName = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });

/**
 * A `lookup` for sockets that resolves a name once and hands out only addresses the guard lets pass. The socket connects to exactly
 * these, so a DNS answer that changes between check and connect has no effect. Fails with the guard's `source_forbidden` when
 * nothing is left.
 */
export function createGuardedLookup(resolveName: ResolveName, guard: AddressGuard, port: number): LookupFunction {
  return (hostname, options, callback) => {
    const answer = (addresses: readonly LookupAddress[]) => {
      const allowed = addresses.filter(({ address }) => guard(address, port) === undefined);
      const [first] = allowed;
      if (first === undefined) {
        const refused = addresses[0];
        const error = refused === undefined ? undefined : guard(refused.address, port);
        return callback(error ?? new Error(`no address found for ${hostname}`), "", 0);
      }
      return options.all === true ? callback(null, [...allowed]) : callback(null, first.address, first.family);
    };
    resolveName(hostname).then(answer, (error: unknown) =>
      callback(error instanceof Error ? error : new Error(String(error)), "", 0),
    );
  };
}

/** Sockets do not look up addresses, so these are checked here; names give undefined. */
export function checkLiteralAddress(hostname: string, port: number, guard: AddressGuard): Error | undefined {
  return isIP(hostname) === 0 ? undefined : guard(hostname, port);
}
