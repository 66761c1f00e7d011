/** Part of ECMAScript that TypeScript's libraries do not name yet: a text that goes into JSON as it is. */
interface JSON {
  rawJSON(text: string): unknown;
}
