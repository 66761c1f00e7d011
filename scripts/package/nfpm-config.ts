import packageJson from "../../package.json" with { type: "json" };

/** A file of a package, in nfpm's words. Types other than a plain file: see its documentation of `contents`. */
export type Content = {
  readonly src?: string;
  readonly dst: string;
  readonly type?: "config|noreplace" | "dir" | "doc" | "license";
  /** The only kind of package that has it. */
  readonly packager?: PackageFormat;
  readonly file_info?: { readonly mode: number };
};

export const PACKAGE_FORMATS = ["deb", "rpm"] as const;
export type PackageFormat = (typeof PACKAGE_FORMATS)[number];

export type PackageParts = {
  /** Debian's name of the processor, which nfpm translates. */
  readonly arch: "amd64" | "arm64";
  readonly contents: readonly Content[];
  /** Folder of the maintainer scripts. */
  readonly scripts: string;
  /** Time of everything in the package, so that the same sources give the same package. */
  readonly builtAt: Date;
  /** Of .deb packages; those of .rpm always are. */
  readonly isCompressed: boolean;
};

/** nfpm's configuration; it reads YAML, of which JSON is a part. */
export function nfpmConfig({ arch, contents, scripts, builtAt, isCompressed }: PackageParts): object {
  return {
    name: "imgproxy",
    arch,
    platform: "linux",
    version: packageJson.version,
    release: "1",
    section: "web",
    priority: "optional",
    maintainer: "The authors of imgproxy on Bun <nobody@imgproxy.invalid>",
    license: packageJson.license,
    description:
      "image server in front of S3, HTTP and disk\n" +
      "Serves resized, cropped and converted images by URLs that say what to do.\n" +
      "Speaks the URL language and the settings of imgproxy 4.",
    disable_globbing: true,
    mtime: builtAt.toISOString(),
    contents: contents.map((content) => ({
      ...content,
      file_info: { mode: content.type === "dir" ? 0o755 : 0o644, ...content.file_info, mtime: builtAt.toISOString() },
    })),
    scripts: {
      postinstall: `${scripts}/after-install.sh`,
      preremove: `${scripts}/before-remove.sh`,
      postremove: `${scripts}/after-remove.sh`,
    },
    // What the libraries inside are linked to. Text in SVG files is drawn with the fonts that are installed.
    overrides: {
      deb: {
        depends: ["libc6 (>= 2.28)", "libstdc++6 (>= 6)", "libgcc-s1 | libgcc1"],
        recommends: ["fontconfig-config", "fonts-dejavu-core"],
      },
      rpm: {
        depends: [
          "libc.so.6(GLIBC_2.28)(64bit)",
          "libstdc++.so.6(GLIBCXX_3.4.22)(64bit)",
          "libgcc_s.so.1(GCC_4.2.0)(64bit)",
        ],
        recommends: ["fontconfig", "dejavu-sans-fonts"],
      },
    },
    rpm: {
      summary: "Image server in front of S3, HTTP and disk",
      buildhost: "localhost",
      compression: "zstd",
    },
    // What every dpkg reads, that of Debian 11, too.
    deb: { compression: isCompressed ? "gzip" : "none" },
  };
}
