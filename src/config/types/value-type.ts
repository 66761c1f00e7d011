/** What reading a text gave: a value, perhaps with a remark, or why it cannot be one. Reasons and remarks never quote a secret. */
export type Parsed<T> =
  | { readonly isGood: true; readonly value: T; readonly warning?: string }
  | { readonly isGood: false; readonly reason?: string };

/** How the text of a variable becomes a value and back, and the words that say what is allowed. */
export type ValueType<T> = {
  /** Short name for the reference, such as `int`. */
  readonly name: string;
  /** Ends the sentence "must be …". */
  readonly expected: string;
  /** The text is neither empty nor blank, except where the variable says that blank is a value. */
  parse(text: string): Parsed<T>;
  /** The value as one would write it in the environment. */
  print(value: T): string;
};

export function good<T>(value: T, warning?: string): Parsed<T> {
  return warning === undefined ? { isGood: true, value } : { isGood: true, value, warning };
}

/** `reason` says what exactly is wrong where "must be …" alone leaves one guessing. */
export function bad<T>(reason?: string): Parsed<T> {
  return reason === undefined ? { isGood: false } : { isGood: false, reason };
}
