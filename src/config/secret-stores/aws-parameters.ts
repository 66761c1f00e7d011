import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Variables } from "../environment.ts";
import { awsClientSettings } from "./aws-client.ts";

/** Pages of ten: more parameters than that are not meant. */
const MAX_PAGES = 100;

/**
 * The parameters below a path in AWS Systems Manager, decrypted, by variable: the rest of the name with `_` for `/`. Only
 * texts count. Rejects when they cannot be had.
 */
export async function readAwsParameters(path: string, variables: Variables): Promise<ReadonlyMap<string, string>> {
  const client = new SSMClient(awsClientSettings(variables["IMGPROXY_ENV_AWS_SSM_PARAMETERS_REGION"], variables));
  const found = new Map<string, string>();
  try {
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { Parameters = [], NextToken } = await client.send(
        new GetParametersByPathCommand({
          Path: path,
          Recursive: true,
          WithDecryption: true,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      );
      for (const { Name, Value, DataType = "text" } of Parameters) {
        if (Name !== undefined && Value !== undefined && DataType === "text") found.set(variableOf(Name, path), Value);
      }
      if (!NextToken) return found;
      token = NextToken;
    }
    throw new Error(`there are more than ${MAX_PAGES} pages of parameters`);
  } finally {
    client.destroy();
  }
}

function variableOf(name: string, path: string): string {
  const rest = name.startsWith(path) ? name.slice(path.length) : name;
  return rest.replace(/^\//, "").replaceAll("/", "_");
}
