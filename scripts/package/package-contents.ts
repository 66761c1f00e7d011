import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import packageJson from "../../package.json" with { type: "json" };
import { COMMANDS } from "../../src/cli/commands.ts";
import { renderCompletions } from "../../src/cli/render-completions.ts";
import { renderManual } from "../../src/cli/render-manual.ts";
import type { Content } from "./nfpm-config.ts";

export type ContentsParts = {
  readonly root: string;
  readonly executable: string;
  /** The text that the executable prints with `version --licenses`. */
  readonly licensesFile: string;
  /** A folder for the files that are made for the package. */
  readonly workFolder: string;
};

/** Every file of the packages, those included that are rendered from the tables of commands and variables. */
export function packageContents({ root, executable, licensesFile, workFolder }: ContentsParts): readonly Content[] {
  const made = (name: string, content: string | Uint8Array) => {
    const path = join(workFolder, name);
    writeFileSync(path, content);
    return path;
  };
  mkdirSync(workFolder, { recursive: true });
  const source = (path: string) => join(root, path);
  const zsh = made("imgproxy.zsh", renderCompletions("zsh", COMMANDS));
  const debianDoc = "/usr/share/doc/imgproxy";
  return [
    { src: executable, dst: "/usr/bin/imgproxy", file_info: { mode: 0o755 } },
    { dst: "/etc/imgproxy", type: "dir" },
    {
      src: source("packaging/imgproxy.env.example"),
      dst: "/etc/imgproxy/imgproxy.env",
      type: "config|noreplace",
      // Secrets may stand in it; the scripts give it to the group of the service.
      file_info: { mode: 0o640 },
    },
    { src: source("packaging/systemd/imgproxy.service"), dst: "/usr/lib/systemd/system/imgproxy.service" },
    {
      src: source("packaging/systemd/credentials.conf"),
      dst: "/usr/lib/systemd/system/imgproxy.service.d/credentials.conf",
    },
    { src: source("packaging/systemd/imgproxy.sysusers"), dst: "/usr/lib/sysusers.d/imgproxy.conf" },
    // Named, so that removing an .rpm takes them as well.
    ...["", "/grafana", "/prometheus"].map((folder) => ({ dst: `/usr/share/imgproxy${folder}`, type: "dir" as const })),
    ...["grafana/imgproxy.json", "prometheus/imgproxy-alerts.yml", "prometheus/scrape.yml"].map((file) => ({
      src: source(`packaging/${file}`),
      dst: `/usr/share/imgproxy/${file}`,
    })),
    {
      src: made("imgproxy.1.gz", gzip(renderManual(COMMANDS, packageJson.version))),
      dst: "/usr/share/man/man1/imgproxy.1.gz",
    },
    {
      src: made("imgproxy.bash", renderCompletions("bash", COMMANDS)),
      dst: "/usr/share/bash-completion/completions/imgproxy",
    },
    {
      src: made("imgproxy.fish", renderCompletions("fish", COMMANDS)),
      dst: "/usr/share/fish/vendor_completions.d/imgproxy.fish",
    },
    { src: zsh, dst: "/usr/share/zsh/vendor-completions/_imgproxy", packager: "deb" },
    { src: zsh, dst: "/usr/share/zsh/site-functions/_imgproxy", packager: "rpm" },
    { src: source("packaging/debian/copyright"), dst: `${debianDoc}/copyright`, packager: "deb" },
    {
      src: made("changelog.gz", gzip(readFileSync(source("CHANGELOG.md"), "utf8"))),
      dst: `${debianDoc}/changelog.gz`,
      packager: "deb",
    },
    {
      src: made("THIRD-PARTY-LICENSES.txt.gz", gzip(readFileSync(licensesFile, "utf8"))),
      dst: `${debianDoc}/THIRD-PARTY-LICENSES.txt.gz`,
      packager: "deb",
    },
    { src: source("CHANGELOG.md"), dst: `${debianDoc}/CHANGELOG.md`, type: "doc" },
    { src: source("LICENSE"), dst: "/usr/share/licenses/imgproxy/LICENSE", type: "license" },
    { src: licensesFile, dst: "/usr/share/licenses/imgproxy/THIRD-PARTY-LICENSES.txt", type: "license" },
  ];
}

function gzip(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}
