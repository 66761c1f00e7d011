import { readConfig } from "../config/config.ts";
import { loadEnvironment, publishEnvironment } from "../config/environment.ts";
import { AppError, toAppError } from "../errors.ts";
import { BUILD_INFO } from "../native/build-info.ts";
import { type CommandRun, isFlagSet, type Terminal } from "./command.ts";
import { type Check, type Finding, fail, type Patient } from "./doctor/finding.ts";
import { formatsCheck } from "./doctor/formats.ts";
import { machineCheck } from "./doctor/machine.ts";
import { settingsCheck, sourcesCheck } from "./doctor/settings.ts";

const CHECKS: readonly Check[] = [machineCheck, settingsCheck, sourcesCheck, formatsCheck];

/** `imgproxy doctor`: exit status 1 when anything fails; warnings do not. */
export const doctorCommand: CommandRun = async (line, terminal) => {
  const [url] = line.words;
  if (url !== undefined && !/^s3:\/\//i.test(url)) throw new AppError("usage", `"${url}" is no s3:// URL`);
  const environment = await loadEnvironment();
  publishEnvironment(environment);
  const { config } = readConfig(environment.variables, { version: BUILD_INFO.version, file: environment.file });
  const patient = { environment, config };
  const report: { readonly check: string; readonly findings: readonly Finding[] }[] = [];
  for (const check of CHECKS) {
    const findings = await examine(check, patient);
    report.push({ check: check.name, findings });
    if (!isFlagSet(line, "json")) print(check.name, findings, terminal);
  }
  if (isFlagSet(line, "json")) terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  const isWell = report.every(({ findings }) => findings.every(({ level }) => level !== "fail"));
  const isReached = url === undefined || (await checkObject(url, patient, terminal));
  return isWell && isReached ? 0 : 1;
};

async function examine(check: Check, patient: Patient): Promise<readonly Finding[]> {
  try {
    return await check.run(patient);
  } catch (error) {
    return [fail(toAppError(error).message, "Please report this with the output of `imgproxy version`.")];
  }
}

const MARKS: Readonly<Record<Finding["level"], string>> = { ok: "ok  ", warn: "WARN", fail: "FAIL" };

function print(name: string, findings: readonly Finding[], { out }: Terminal): void {
  out(`${name}\n`);
  for (const { level, text, cure } of findings) {
    out(`  ${MARKS[level]}  ${text}\n`);
    if (cure !== undefined) out(`        → ${cure}\n`);
  }
}

async function checkObject(url: string, { config, environment }: Patient, terminal: Terminal): Promise<boolean> {
  terminal.out("s3\n");
  const { checkS3 } = await import("../source/s3/check.ts");
  return checkS3(url, config, environment.variables, (text) => terminal.out(text.replace(/^(?=.)/gm, "  ")));
}
