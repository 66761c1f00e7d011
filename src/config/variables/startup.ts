import { optionalFile } from "../types/file-types.ts";
import { text } from "../types/text-types.ts";
import { variable } from "../variable.ts";

/** Where further variables come from at start. */
export const STARTUP_VARIABLES = {
  envLocalFilePath: variable("IMGPROXY_ENV_LOCAL_FILE_PATH", optionalFile, "", {
    doc: "File of `NAME=VALUE` lines read at start; what it says overrides the environment.",
  }),
  envAwsSecretId: variable("IMGPROXY_ENV_AWS_SECRET_ID", text, "", {
    doc: "Secret in AWS Secrets Manager that holds such a file.",
  }),
  envAwsSecretVersionId: variable("IMGPROXY_ENV_AWS_SECRET_VERSION_ID", text, "", {
    doc: "Version of the secret; wins over the stage.",
  }),
  envAwsSecretVersionStage: variable("IMGPROXY_ENV_AWS_SECRET_VERSION_STAGE", text, "", {
    doc: "Stage of the secret.",
  }),
  envAwsSecretRegion: variable("IMGPROXY_ENV_AWS_SECRET_REGION", text, "", {
    doc: "Region of the secret.",
  }),
  envAwsSsmParametersPath: variable("IMGPROXY_ENV_AWS_SSM_PARAMETERS_PATH", text, "", {
    doc: "Path in AWS Systems Manager, each parameter below it one variable.",
  }),
  envAwsSsmParametersRegion: variable("IMGPROXY_ENV_AWS_SSM_PARAMETERS_REGION", text, "", {
    doc: "Region of the parameters.",
  }),
  envGcpSecretId: variable("IMGPROXY_ENV_GCP_SECRET_ID", text, "", {
    doc: "Secret in Google Secret Manager that holds such a file.",
  }),
  envGcpSecretVersionId: variable("IMGPROXY_ENV_GCP_SECRET_VERSION_ID", text, "latest", {
    doc: "Version of the secret.",
  }),
  envGcpSecretProjectId: variable("IMGPROXY_ENV_GCP_SECRET_PROJECT_ID", text, "", {
    doc: "Project of the secret.",
  }),
  envGcpKey: variable("IMGPROXY_ENV_GCP_KEY", text, "", {
    doc: "Service account key for it, as JSON; blank = what the machine has.",
    isSecret: true,
  }),
  libraryFolder: variable("IMGPROXY_LIBRARY_FOLDER", text, "", {
    doc: "Folder that the executable unpacks its libraries into when they cannot be loaded from memory.",
    needsRestart: true,
  }),
};
