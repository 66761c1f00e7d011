/** What an error document of S3 says. Members are empty where it does not. */
export type ErrorDocument = {
  readonly code: string;
  readonly message: string;
  readonly region: string;
  readonly endpoint: string;
  readonly storageClass: string;
};

/** An answer that is no object: status, headers and what its body says. The body has been read. */
export type Refusal = {
  readonly status: number;
  readonly headers: Headers;
  readonly document: ErrorDocument;
};

const MAX_ERROR_BYTES = 4096;

/**
 * Reads the body of an answer that is no object: at most 4 kB, the rest is let go with its connection. A short body is read to
 * its end, so that the connection can be used again. A body that breaks off counts as empty.
 */
export async function readRefusal(response: Response): Promise<Refusal> {
  const text = await readStart(response).catch(() => "");
  return { status: response.status, headers: response.headers, document: parseErrorDocument(text) };
}

async function readStart(response: Response): Promise<string> {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  if (length <= MAX_ERROR_BYTES) return await response.text();
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of response.body) {
    bytes += chunk.length;
    text += decoder.decode(chunk.subarray(0, Math.max(0, chunk.length - Math.max(0, bytes - MAX_ERROR_BYTES))), {
      stream: true,
    });
    if (bytes >= MAX_ERROR_BYTES) break;
  }
  return text;
}

/** Picks the few elements we act on out of an error document; anything else, HTML included, gives empty members. */
export function parseErrorDocument(text: string): ErrorDocument {
  return {
    code: element(text, "Code"),
    message: element(text, "Message"),
    region: element(text, "Region"),
    endpoint: element(text, "Endpoint"),
    storageClass: element(text, "StorageClass"),
  };
}

function element(text: string, name: string): string {
  const content = new RegExp(`<${name}>([^<]{0,1024})</${name}>`).exec(text)?.[1] ?? "";
  return content
    .replace(/&(lt|gt|quot|apos|amp|#34|#39);/g, (whole, entity: string) => ENTITIES[entity] ?? whole)
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  "#34": '"',
  apos: "'",
  "#39": "'",
  amp: "&",
};

/** Whether the beginning of a body is an S3 error document (some stores send one with status 200). */
export function looksLikeErrorDocument(start: string): boolean {
  return /^\uFEFF?\s*(<\?xml[^>]*\?>\s*)?<Error[\s>]/.test(start);
}
