/** Up to what ends a URL in running text. */
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]*/gi;

/**
 * Takes out of every URL in a text what may open something: user and password, and the values of its query, which hold
 * signatures and tokens. For what leaves the operator's own systems.
 */
export function scrubUrls(text: string): string {
  return text.replace(URL_IN_TEXT, (url) => {
    const [, base = url, query] = /^([^?#]*)(\?[^#]*)?/.exec(url) ?? [];
    const masked = base.replace(/^([^/]*:\/\/)[^/@]*@/, "$1***@");
    return query === undefined ? masked : `${masked}${maskValues(query)}`;
  });
}

function maskValues(query: string): string {
  return query.replace(/([?&])([^=&]*)(=[^&]*)?/g, (part, mark: string, name: string, value?: string) => {
    if (value !== undefined) return `${mark}${name}=***`;
    return name === "" ? part : `${mark}***`;
  });
}
