/**
 * The SDK publishes its endpoint rules without a declaration beside them. The version is pinned and the table of
 * `tests/source/s3/endpoint.test.ts` guards the path and the results.
 */
declare module "@aws-sdk/client-s3/dist-es/endpoint/endpointResolver" {
  export const defaultEndpointResolver: typeof import("@aws-sdk/client-s3/dist-types/endpoint/endpointResolver").defaultEndpointResolver;
}
