import { accessSync, constants, readdirSync } from "node:fs";
import { readConfig } from "../../config/config.ts";
import { toAppError } from "../../errors.ts";
import { compileRequestSettings } from "../../http/read-request.ts";
import { BUILD_INFO } from "../../native/build-info.ts";
import { type Check, type Finding, fail, ok, type Patient, warn } from "./finding.ts";

/** Shorter secrets can be guessed with patience. */
const SHORT_KEY_BYTES = 16;

/** The configuration: every error, every warning, presets, and how safe it is. */
export const settingsCheck: Check = {
  name: "settings",
  run({ environment, config }) {
    const { variables, file } = environment;
    const { errors, warnings } = readConfig(variables, { version: BUILD_INFO.version, file });
    const findings = [
      ...errors.map((error) => fail(error, "`imgproxy config` shows every variable.")),
      ...warnings.map((warning) => warn(warning, "See docs/configuration.md.")),
      ...presets(config),
      ...signing(config),
    ];
    return findings.length > 0 ? findings : [ok("nothing to complain about")];
  },
};

function presets(config: Patient["config"]): Finding[] {
  try {
    const count = compileRequestSettings(config).options.presets.size;
    return count === 0 ? [] : [ok(`${count} presets`)];
  } catch (error) {
    return [fail(toAppError(error).message, "Correct IMGPROXY_PRESETS.")];
  }
}

function signing({ key, salt, secret }: Patient["config"]): Finding[] {
  if (key.length === 0 && secret !== "") return [ok("URLs are not signed; clients need the bearer secret")];
  if (key.length === 0) return []; // loadConfig has warned about it
  const short = [...key, ...salt].filter((bytes) => bytes.length < SHORT_KEY_BYTES).length;
  if (short === 0) return [ok(`${key.length} key and salt of good length`)];
  return [
    warn(`${short} keys or salts are shorter than ${SHORT_KEY_BYTES} bytes`, "Make them with `openssl rand -hex 32`."),
  ];
}

/** The sources that are turned on. */
export const sourcesCheck: Check = {
  name: "sources",
  run: ({ config }) => [
    ok("http and https"),
    ...(config.localFilesystemRoot === "" ? [] : [localRoot(config.localFilesystemRoot)]),
    ...(config.useS3 ? [ok("s3: `imgproxy doctor s3://bucket/key` tries an object")] : []),
  ],
};

function localRoot(root: string): Finding {
  try {
    accessSync(root, constants.R_OK | constants.X_OK);
    return ok(`local: ${root}, ${readdirSync(root).length} entries`);
  } catch (error) {
    return fail(`local: ${toAppError(error).message}`, "Let this user read IMGPROXY_LOCAL_FILESYSTEM_ROOT.");
  }
}
