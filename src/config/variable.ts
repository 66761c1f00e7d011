import type { ValueType } from "./types/value-type.ts";

/** `pending`: known and checked, but the feature behind it is not built yet, which is warned about when it is set. */
type VariableStatus = "works" | "pending";

export type VariableNotes = {
  /** One sentence for the reference. */
  readonly doc: string;
  /** Never shown, not one character of it. */
  readonly isSecret?: boolean;
  /** A reload leaves it as it is: it belongs to what lives as long as the server. */
  readonly needsRestart?: boolean;
  /** Default `works`. */
  readonly status?: VariableStatus;
  /** Further names, read in this order when the first is unset. */
  readonly alternates?: readonly string[];
  /** Set but blank is a value of its own instead of "not set". */
  readonly isBlankAValue?: boolean;
  /** How the reference page writes the default where the value itself does not say it. */
  readonly defaultText?: string;
};

/** One variable of the environment: a row of the table from which everything about configuration derives. */
export type Variable<T> = VariableNotes & {
  readonly env: string;
  readonly type: ValueType<T>;
  /** A function where the default depends on the machine. */
  readonly fallback: T | (() => T);
};

/** A row with a default. */
export function variable<T>(
  env: string,
  type: ValueType<T>,
  fallback: NoInfer<T> | (() => NoInfer<T>),
  notes: VariableNotes,
): Variable<T> {
  return { env, type, fallback, ...notes };
}

/** A row whose value is null when the variable is not set. */
export function optional<T>(env: string, type: ValueType<T>, notes: VariableNotes): Variable<T | null> {
  return { env, type, fallback: null, ...notes };
}
