import { csv } from "../types/list-types.ts";
import { text } from "../types/text-types.ts";
import { variable } from "../variable.ts";

/** Headers of the operator's own, and what passes through between client and source. */
export const CUSTOM_HEADER_VARIABLES = {
  serverName: variable("IMGPROXY_SERVER_NAME", text, "imgproxy", {
    doc: "Value of the Server header.",
  }),
  customRequestHeaders: variable("IMGPROXY_CUSTOM_REQUEST_HEADERS", text, "", {
    doc: "`NAME=VALUE` headers sent with every request to a source over HTTP, with IMGPROXY_CUSTOM_HEADERS_SEPARATOR between them.",
    isSecret: true,
  }),
  customResponseHeaders: variable("IMGPROXY_CUSTOM_RESPONSE_HEADERS", text, "", {
    doc: "`NAME=VALUE` headers added to every answer, with IMGPROXY_CUSTOM_HEADERS_SEPARATOR between them; they replace headers of the same name.",
  }),
  customHeadersSeparator: variable("IMGPROXY_CUSTOM_HEADERS_SEPARATOR", text, "\\;", {
    doc: "Separates the headers in the two lists above.",
  }),
  requestHeadersPassthrough: variable("IMGPROXY_REQUEST_HEADERS_PASSTHROUGH", csv, [], {
    doc: "Names of headers of the client's request that go to the source.",
  }),
  responseHeadersPassthrough: variable("IMGPROXY_RESPONSE_HEADERS_PASSTHROUGH", csv, [], {
    doc: "Names of headers of the source's answer that go to the client.",
  }),
};
