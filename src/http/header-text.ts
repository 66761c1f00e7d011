/** What reading headers takes, of whatever they are kept in. */
export type HeaderReader = Pick<Headers, "get">;

/**
 * Text as the bytes of its UTF-8, one a character: `Headers` takes no character above 255 and writes each as one byte, so
 * this is how UTF-8 gets onto the wire unchanged.
 */
export function utf8HeaderValue(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII needs no change and is nearly every value
  return /^[\u0000-\u007f]*$/.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}
