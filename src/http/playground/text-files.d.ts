/** Files of the page, imported with `type: "text"`: read as they are, and embedded in the executable. */
declare module "./page/*.html" {
  const text: string;
  export = text;
}
declare module "./page/*.css" {
  const text: string;
  export = text;
}
declare module "./page/*.js" {
  const text: string;
  export = text;
}
