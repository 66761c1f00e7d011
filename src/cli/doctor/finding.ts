import type { Config } from "../../config/config.ts";
import type { Environment } from "../../config/environment.ts";

/** One line of the doctor's report. `cure` says what to do about anything that is not `ok`. */
export type Finding = {
  readonly level: "ok" | "warn" | "fail";
  readonly text: string;
  readonly cure?: string;
};

/** What the checks look at. */
export type Patient = { readonly environment: Environment; readonly config: Config };

/** A named group of findings. Whatever it throws becomes a failure of the group. */
export type Check = {
  readonly name: string;
  readonly run: (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;
};

export function ok(text: string): Finding {
  return { level: "ok", text };
}
export function warn(text: string, cure: string): Finding {
  return { level: "warn", text, cure };
}
export function fail(text: string, cure: string): Finding {
  return { level: "fail", text, cure };
}
