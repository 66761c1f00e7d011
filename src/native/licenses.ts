/**
 * Where the licences of the software in the executable can be read. Run from source there is no such file, only the packages
 * themselves; `scripts/build/licenses-plugin.ts` replaces this module when the executable is built.
 */
export const LICENSES_FILE: string | undefined = undefined;
