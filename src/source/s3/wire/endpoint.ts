import { defaultEndpointResolver } from "@aws-sdk/client-s3/dist-es/endpoint/endpointResolver";
import { AppError, messageOf } from "../../../errors.ts";

/** How buckets of one store are addressed. */
export type Addressing = {
  /** Base URL of a store of our own choice; undefined = AWS. */
  readonly endpoint: string | undefined;
  readonly usesPathStyle: boolean;
  readonly usesFips: boolean;
  readonly usesDualStack: boolean;
  readonly usesAccelerate: boolean;
  /** Whether an ARN may name another region than the configured one. */
  readonly usesArnRegion: boolean;
  readonly allowsMultiRegionAccessPoints: boolean;
};

/** Where requests for one bucket go and what they are signed for. */
export type Target = {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly protocol: string;
  /** Value of the Host header. */
  readonly host: string;
  /** What stands in front of `/key`: empty, or the base path and the bucket. */
  readonly pathPrefix: string;
  readonly signingRegion: string;
  readonly signingName: string;
};

/**
 * Asks the SDK's endpoint rules for the address of a bucket (name, alias or ARN) in a region. Microseconds, no I/O.
 * Throws `source_unreachable` with the rules' own sentence for combinations that do not exist.
 */
export function resolveTarget(addressing: Addressing, bucket: string, region: string): Target {
  const resolved = askRules(addressing, bucket, region);
  const scheme = usableScheme(resolved.properties?.["authSchemes"]);
  if (scheme === undefined) {
    throw new AppError("source_unreachable", `bucket ${bucket} can only be read with SigV4A signatures`, {
      hint: "Multi-Region access points are not supported yet; use an access point of one region.",
    });
  }
  const { origin, protocol, host, pathname } = resolved.url;
  return {
    origin,
    protocol,
    host,
    pathPrefix: pathname.replace(/\/+$/, ""),
    signingRegion: scheme.signingRegion ?? region,
    signingName: scheme.signingName ?? "s3",
  };
}

function askRules(addressing: Addressing, bucket: string, region: string) {
  try {
    return defaultEndpointResolver({
      Bucket: bucket,
      Region: region,
      ...(addressing.endpoint === undefined ? {} : { Endpoint: addressing.endpoint }),
      ForcePathStyle: addressing.usesPathStyle,
      UseFIPS: addressing.usesFips,
      UseDualStack: addressing.usesDualStack,
      Accelerate: addressing.usesAccelerate,
      UseGlobalEndpoint: false,
      UseArnRegion: addressing.usesArnRegion,
      DisableMultiRegionAccessPoints: !addressing.allowsMultiRegionAccessPoints,
      // Directory buckets answer plain SigV4 too; a session would be faster there but needs another call.
      DisableS3ExpressSessionAuth: true,
    });
  } catch (error) {
    const reason = messageOf(error);
    throw new AppError("source_unreachable", `bucket ${bucket} has no endpoint in ${region}: ${reason}`, {
      cause: error,
    });
  }
}

type AuthScheme = { readonly signingRegion?: string; readonly signingName?: string };

/** The first scheme that plain SigV4 satisfies; rules without any mean plain SigV4. */
function usableScheme(schemes: unknown): AuthScheme | undefined {
  if (!Array.isArray(schemes)) return {};
  const scheme: unknown = schemes.find((candidate) => candidate?.name === "sigv4");
  if (scheme === undefined || scheme === null || typeof scheme !== "object") return undefined;
  // The rules' own output; both members are text where they are present.
  return scheme as AuthScheme;
}
