import { loadConfig } from "../config/config.ts";
import { loadEnvironment, publishEnvironment } from "../config/environment.ts";
import { AppError } from "../errors.ts";
import type { CommandRun } from "./command.ts";

/** `imgproxy s3 check s3://bucket/key`: exit status 0 when the object can be read. */
export const s3Command: CommandRun = async (line, terminal) => {
  const [action, url = ""] = line.words;
  if (action !== "check") throw new AppError("usage", `unknown action "${action}", did you mean "check"?`);
  if (!/^s3:\/\//i.test(url)) throw new AppError("usage", `"${url}" is no s3:// URL; write s3://bucket/key`);
  const environment = await loadEnvironment();
  publishEnvironment(environment);
  const { config } = loadConfig(environment.variables, { file: environment.file });
  const { checkS3 } = await import("../source/s3/check.ts");
  return (await checkS3(url, config, environment.variables, terminal.out)) ? 0 : 1;
};
