import type { Logger } from "../types.ts";

/** What a reporter to a service's HTTP interface needs besides its settings. */
export type NoticeParts = {
  /** Hears when the service cannot be reached. */
  readonly logger: Logger;
  readonly version: string;
  /** Undefined = the service's own. */
  readonly endpoint?: string;
};

/** How we call ourselves towards the services. */
export const NOTIFIER_NAME = "imgproxy";
