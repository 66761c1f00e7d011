import type { Environment } from "../../../config/environment.ts";
import type { ErrorKind } from "../../../errors.ts";
import type { MetricSnapshot } from "../../../telemetry/metrics.ts";
import type { ProcessShare } from "./share.ts";

/** Hidden command of the program that runs `runServerProcess`. */
export const SERVER_PROCESS_COMMAND = "server-process";

/** What the parent asks of a process of the server, one of them at a time or many. */
export type Order =
  /** Serve; answered when it listens. */
  | { readonly kind: "start"; readonly environment: Environment; readonly share: ProcessShare }
  /** Take other settings. */
  | { readonly kind: "reload"; readonly environment: Environment }
  | { readonly kind: "metrics" }
  /** Answered by the event loop that answers requests. */
  | { readonly kind: "ping" }
  /** Let running requests finish; answered when they have, and the end of the process follows. */
  | { readonly kind: "stop" };

/** What is answered, by kind of order. */
export type Answers = {
  /** As one would type it into a browser. */
  readonly start: { readonly url: string };
  /** Whether the new settings are in force. */
  readonly reload: boolean;
  readonly metrics: readonly MetricSnapshot[];
  readonly ping: true;
  /** The last metrics. */
  readonly stop: readonly MetricSnapshot[];
};

/** What is left of an `AppError` on the way to another process. */
export type Failure = { readonly kind: ErrorKind; readonly message: string; readonly hint: string | undefined };

/** Between processes of one program, and of one build: none of them checks what it gets. */
export type OrderMessage = { readonly id: number; readonly order: Order };
export type ReplyMessage = { readonly id: number } & (
  | { readonly answer: Answers[keyof Answers] }
  | { readonly failure: Failure }
);
