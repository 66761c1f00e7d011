import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Software inside a file that a package brings ready-made, of which the package manager knows nothing. */
export type CarriedSoftware = {
  readonly name: string;
  /** Undefined where the package does not say it. */
  readonly version?: string;
  /** SPDX identifier or expression; where there is none for it, the licence's own name. */
  readonly license: string;
};

/**
 * Licences under which sharp's builders use what is linked into their libvips, by its name in their versions.json.
 * Source: the table in the README of the same package, which `version --licenses` prints, too.
 */
const LIBVIPS_PARTS: Readonly<Record<string, string>> = {
  aom: "BSD-2-Clause",
  archive: "BSD-2-Clause",
  cairo: "MPL-1.1",
  cgif: "MIT",
  exif: "LGPL-3.0-or-later",
  expat: "MIT",
  ffi: "MIT",
  fontconfig: "fontconfig License",
  freetype: "FTL",
  fribidi: "LGPL-3.0-or-later",
  glib: "LGPL-3.0-or-later",
  harfbuzz: "MIT",
  heif: "LGPL-3.0-or-later",
  highway: "BSD-3-Clause",
  imagequant: "BSD-2-Clause",
  lcms: "MIT",
  mozjpeg: "Zlib AND IJG AND BSD-3-Clause",
  pango: "LGPL-3.0-or-later",
  pixman: "MIT",
  png: "libpng-2.0",
  "proxy-libintl": "LGPL-3.0-or-later",
  rsvg: "LGPL-3.0-or-later",
  tiff: "libtiff",
  uhdr: "MIT",
  vips: "LGPL-3.0-or-later",
  webp: "BSD-3-Clause",
  xml2: "MIT",
  "zlib-ng": "Zlib",
};

/** Of the codecs that icodec builds we take its JPEG XL modules, which libjxl is. */
const ICODEC_PARTS: Readonly<Record<string, string>> = { libjxl: "BSD-3-Clause" };

/** What is inside the files of a package; empty for packages that consist of their own sources. Throws for parts without a known licence. */
export function carriedSoftware(packageName: string, packageFolder: string): readonly CarriedSoftware[] {
  if (packageName.startsWith("@img/sharp-libvips-")) return libvipsParts(packageFolder);
  if (packageName === "icodec") return icodecParts(packageFolder);
  if (packageName === "libheif-js") return libheifParts(packageFolder);
  return [];
}

function libvipsParts(folder: string): CarriedSoftware[] {
  const versions: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(folder, "versions.json"), "utf8"));
  return Object.entries(versions).map(([name, version]) => {
    const license = LIBVIPS_PARTS[name];
    if (license === undefined) throw new Error(`${folder} brings ${name}, whose licence nobody has written down yet`);
    return { name, version, license };
  });
}

type Build = { readonly name: string; readonly version: string };

function icodecParts(folder: string): CarriedSoftware[] {
  const builds: readonly Build[] = JSON.parse(readFileSync(join(folder, "versions.json"), "utf8"));
  return Object.entries(ICODEC_PARTS).map(([name, license]) => {
    const version = builds.find((build) => build.name === name)?.version;
    if (version === undefined) throw new Error(`${folder} does not say which ${name} it was built from`);
    return { name, version: version.replace(/^v/, ""), license };
  });
}

/** The package has the version of its libheif; it does not say which libde265 is linked into that. */
function libheifParts(folder: string): CarriedSoftware[] {
  const { version }: Build = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return [
    { name: "libheif", version, license: "LGPL-3.0-or-later" },
    { name: "libde265", license: "LGPL-3.0-or-later" },
  ];
}
