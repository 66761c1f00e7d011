type MarkupEncoding = "utf-8" | "utf-16le" | "utf-16be";

/** Where an encoding declaration is looked for. */
const DECLARATION_BYTES = 256;

/**
 * Bytes of an XML document as text: UTF-16 when a byte order mark or a `<` in two bytes says so, else what the XML
 * declaration names, else UTF-8. Bytes that the encoding does not know become U+FFFD. A byte order mark is dropped.
 */
export function decodeMarkup(bytes: Uint8Array): string {
  const encoding = wideEncoding(bytes);
  return decoderFor(encoding === "utf-8" ? (declaredEncoding(bytes) ?? encoding) : encoding).decode(bytes);
}

function wideEncoding([first, second]: Uint8Array): MarkupEncoding {
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return "utf-16be";
  return "utf-8";
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, DECLARATION_BYTES));
  return /^(?:ï»¿)?<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1];
}

function decoderFor(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}
