const MAX_SHOWN_CHARACTERS = 100;

/** A value for people to read: whole secrets and passwords in URLs hidden, long texts cut, line breaks made visible. */
export function showText(text: string, isSecret: boolean): string {
  if (isSecret) return "(hidden)";
  const shown = hideUserInfo(text);
  return JSON.stringify(shown.length > MAX_SHOWN_CHARACTERS ? `${shown.slice(0, MAX_SHOWN_CHARACTERS)}…` : shown);
}

/** Hides what stands between `//` and `@` in URLs. */
export function hideUserInfo(text: string): string {
  return text.replace(/\/\/[^/@\s]*@/g, "//(hidden)@");
}

/** Ends a text as a sentence ends. */
export function sentence(text: string): string {
  return text.endsWith("?") ? text : `${text}.`;
}
