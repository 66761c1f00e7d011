import { AppError } from "../../errors.ts";
import { scrubUrls } from "./scrub.ts";

/** A place in the code, outermost call last. */
export type StackFrame = {
  readonly method: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
};

export type DescribedError = {
  /** The kind of our own errors, else the name of the class. */
  readonly name: string;
  readonly message: string;
  readonly frames: readonly StackFrame[];
};

/** Longest chain of causes that is followed. */
const MAX_CAUSES = 5;
const FRAME = /^\s*at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/;

/** An error and what caused it, without secrets; the first is what was reported. */
export function describeErrors(error: Error): readonly DescribedError[] {
  const described: DescribedError[] = [];
  for (let at: unknown = error; at instanceof Error && described.length <= MAX_CAUSES; at = at.cause) {
    described.push({ name: nameOf(at), message: scrubUrls(at.message), frames: framesOf(at.stack ?? "") });
  }
  return described;
}

/** What errors are told apart by: ours all have one class. */
export function nameOf(error: Error): string {
  return error instanceof AppError ? error.kind : error.name;
}

function framesOf(stack: string): readonly StackFrame[] {
  return stack.split("\n").flatMap((text) => {
    const [, method = "", file, line, column] = FRAME.exec(text) ?? [];
    return file === undefined ? [] : [{ method, file, line: Number(line), column: Number(column) }];
  });
}
