/** The CORS headers of image answers, HEAD and OPTIONS: the configured origin as it is, whoever asks. Empty when off. */
export function corsHeaders(allowOrigin: string): readonly (readonly [string, string])[] {
  if (allowOrigin === "") return [];
  return [
    ["Access-Control-Allow-Origin", allowOrigin],
    ["Access-Control-Allow-Methods", "GET, OPTIONS"],
  ];
}
