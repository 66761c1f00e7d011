import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { BunPlugin } from "bun";
import { type BundledPackage, bundledPackages } from "./bundled-packages.ts";
import { renderLicenseText } from "./license-text.ts";

export type LicensesOptions = {
  /** Where the text is written; the executable takes it from there. */
  readonly file: string;
  readonly title: string;
  readonly root: string;
  /** Hears which packages they are. */
  readonly report: (packages: readonly BundledPackage[]) => void;
};

/**
 * Puts the licences of everything that goes into the executable into it, too. Which packages those are is known once every other module has been loaded;
 * only then is `src/native/licenses.ts` given its contents.
 */
export function licensesPlugin({ file, title, root, report }: LicensesOptions): BunPlugin {
  return {
    name: "licences of third parties",
    setup(build) {
      const loaded = new Set<string>();
      build.onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => {
        loaded.add(path);
        return undefined;
      });
      // The bundler looks into folders once and would not find a file that is made afterwards.
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, "");
      build.onLoad({ filter: /[\\/]src[\\/]native[\\/]licenses\.ts$/ }, async ({ defer }) => {
        await defer();
        const packages = bundledPackages(loaded);
        report(packages);
        writeFileSync(file, renderLicenseText({ packages, title, root }));
        const contents = `import path from ${JSON.stringify(file)} with { type: "file" };\nexport const LICENSES_FILE = path;`;
        return { contents, loader: "js" };
      });
    },
  };
}
