import { availableCpus } from "./available-cpus.ts";
import { parseBindAddress } from "./bind-address.ts";
import { parseHeaderList } from "./header-list.ts";
import type { ConfigKey, ValuesOf } from "./variables.ts";

type Config = ValuesOf<ConfigKey>;

/** Something that no single variable shows. Left out when one of the variables it looks at is wrong by itself. */
type Check = {
  readonly looksAt: readonly ConfigKey[];
  /** A line for the reader, or undefined when all is well. */
  readonly find: (config: Config) => string | undefined;
};

/** What stops the start. */
const ERROR_CHECKS: readonly Check[] = [
  {
    looksAt: ["key", "salt"],
    find: ({ key, salt }) =>
      key.length === salt.length
        ? undefined
        : `IMGPROXY_KEY and IMGPROXY_SALT must hold equally many items, but hold ${key.length} and ${salt.length}. Give each key its salt.`,
  },
  {
    looksAt: ["bind", "port", "network"],
    find: ({ bind, network }) =>
      parseBindAddress(bind, network) !== undefined
        ? undefined
        : `The address to listen on, "${bind}", must be HOST:PORT or :PORT with a port up to 65535. Change IMGPROXY_BIND or PORT.`,
  },
  {
    looksAt: ["processes", "network"],
    find: ({ processes, network }) =>
      processes > 1 && (network === "unix" || network === "unixpacket")
        ? `IMGPROXY_PROCESSES=${processes} needs a TCP port: a Unix socket cannot be shared. Set IMGPROXY_PROCESSES=1, or listen on a loopback port, for example IMGPROXY_BIND=127.0.0.1:8080 without IMGPROXY_NETWORK.`
        : undefined,
  },
  {
    looksAt: ["processes"],
    find: ({ processes }) =>
      processes > 1 && process.platform !== "linux"
        ? `IMGPROXY_PROCESSES=${processes} needs Linux, which alone spreads connections over processes. Set IMGPROXY_PROCESSES=1.`
        : undefined,
  },
  {
    looksAt: ["processes", "workers"],
    find: ({ processes, workers }) =>
      processes > workers
        ? `IMGPROXY_PROCESSES=${processes} needs at least one worker for each process, but IMGPROXY_WORKERS is ${workers}. Lower the one or raise the other.`
        : undefined,
  },
  {
    looksAt: ["prometheusBind"],
    find: ({ prometheusBind }) =>
      prometheusBind === "" || parseBindAddress(prometheusBind) !== undefined
        ? undefined
        : `IMGPROXY_PROMETHEUS_BIND="${prometheusBind}" must be HOST:PORT or :PORT with a port up to 65535. Change it, or remove it to turn the metrics off.`,
  },
  {
    looksAt: ["prometheusBind", "bind", "port"],
    find: ({ prometheusBind, bind }) =>
      prometheusBind !== "" && prometheusBind === bind
        ? `IMGPROXY_PROMETHEUS_BIND="${prometheusBind}" must differ from the address of the server. Give the metrics a port of their own.`
        : undefined,
  },
  {
    looksAt: ["s3AccessPoints", "useS3"],
    find: ({ useS3, s3AccessPoints }) => {
      const empty = [...s3AccessPoints].find(([, arn]) => arn === "")?.[0];
      return useS3 && empty !== undefined
        ? `IMGPROXY_S3_ACCESS_POINTS must give every access point an ARN, but "${empty}" has none. Write NAME=ARN.`
        : undefined;
    },
  },
  {
    looksAt: ["useAbs", "absName"],
    find: ({ useAbs, absName }) =>
      useAbs && absName === "" ? "IMGPROXY_ABS_NAME must be set when IMGPROXY_USE_ABS is true." : undefined,
  },
  {
    looksAt: ["useSwift", "swiftAuthUrl"],
    find: ({ useSwift, swiftAuthUrl }) =>
      useSwift && swiftAuthUrl === ""
        ? "IMGPROXY_SWIFT_AUTH_URL must be set when IMGPROXY_USE_SWIFT is true."
        : undefined,
  },
  {
    looksAt: ["cacheUse", "cacheFsRoot"],
    find: ({ cacheUse, cacheFsRoot }) =>
      cacheUse.includes("fs") && cacheFsRoot === ""
        ? "IMGPROXY_CACHE_FS_ROOT must be set when IMGPROXY_CACHE_USE holds fs (systemd sets it with CacheDirectory=)."
        : undefined,
  },
  {
    looksAt: ["cacheUse", "cacheBucket"],
    find: ({ cacheUse, cacheBucket }) =>
      cacheUse.includes("s3") && cacheBucket === ""
        ? "IMGPROXY_CACHE_BUCKET must be set when IMGPROXY_CACHE_USE holds s3."
        : undefined,
  },
  {
    looksAt: ["cacheBucket", "cachePathPrefix"],
    find: ({ cacheBucket, cachePathPrefix }) =>
      /(^|\/)\.\.?(\/|$)/.test(`${cacheBucket}/${cachePathPrefix}`)
        ? "IMGPROXY_CACHE_BUCKET and IMGPROXY_CACHE_PATH_PREFIX must not hold the path parts . and .. in them."
        : undefined,
  },
  {
    looksAt: ["syslogEnable", "syslogNetwork", "syslogAddress"],
    find: ({ syslogEnable, syslogNetwork, syslogAddress }) =>
      syslogEnable && syslogNetwork !== "" && syslogAddress === ""
        ? "IMGPROXY_SYSLOG_ADDRESS must be set when IMGPROXY_SYSLOG_NETWORK is."
        : undefined,
  },
  {
    looksAt: ["customRequestHeaders", "customHeadersSeparator"],
    find: (config) =>
      headerListFault("IMGPROXY_CUSTOM_REQUEST_HEADERS", config.customRequestHeaders, config.customHeadersSeparator),
  },
  {
    looksAt: ["customResponseHeaders", "customHeadersSeparator"],
    find: (config) =>
      headerListFault("IMGPROXY_CUSTOM_RESPONSE_HEADERS", config.customResponseHeaders, config.customHeadersSeparator),
  },
  {
    looksAt: ["datadogEnable", "ddTraceAgentPort", "ddDogstatsdPort"],
    find: ({ datadogEnable, ddTraceAgentPort, ddDogstatsdPort }) =>
      datadogEnable && ![ddTraceAgentPort, ddDogstatsdPort].every((port) => port >= 1 && port <= 65_535)
        ? "DD_TRACE_AGENT_PORT and DD_DOGSTATSD_PORT must be from 1 to 65535 when IMGPROXY_DATADOG_ENABLE is true."
        : undefined,
  },
];

/** What starts, but surprises or endangers. */
const WARNING_CHECKS: readonly Check[] = [
  {
    looksAt: ["processes"],
    find: ({ processes }) =>
      processes > 1 && processes > availableCpus()
        ? `IMGPROXY_PROCESSES=${processes} is more than there are CPUs (${availableCpus()}), which costs memory and brings nothing.`
        : undefined,
  },
  {
    looksAt: ["key", "salt"],
    find: ({ key }) =>
      key.length === 0
        ? "Signatures are not checked: anybody may ask for any image. Set IMGPROXY_KEY and IMGPROXY_SALT."
        : undefined,
  },
  {
    looksAt: ["developmentErrorsMode"],
    find: ({ developmentErrorsMode }) =>
      developmentErrorsMode ? "Clients see whole error texts: IMGPROXY_DEVELOPMENT_ERRORS_MODE is on." : undefined,
  },
  {
    looksAt: ["ignoreSslVerification"],
    find: ({ ignoreSslVerification }) =>
      ignoreSslVerification
        ? "Certificates of sources are not checked: IMGPROXY_IGNORE_SSL_VERIFICATION is on."
        : undefined,
  },
  {
    looksAt: ["pathPrefix"],
    find: ({ pathPrefix }) =>
      pathPrefix !== "" && (!pathPrefix.startsWith("/") || pathPrefix.endsWith("/"))
        ? `IMGPROXY_PATH_PREFIX="${pathPrefix}" is taken as it is; it should begin with a slash and not end with one.`
        : undefined,
  },
  {
    looksAt: ["onlyPresets", "presets", "presetsPath"],
    find: ({ onlyPresets, presets, presetsPath }) =>
      onlyPresets && presets === "" && presetsPath === ""
        ? "IMGPROXY_ONLY_PRESETS is on, but there are no presets: no URL can work."
        : undefined,
  },
  {
    looksAt: ["cookiePassthrough", "cookiePassthroughAll"],
    find: ({ cookiePassthrough, cookiePassthroughAll }) =>
      cookiePassthroughAll && !cookiePassthrough
        ? "IMGPROXY_COOKIE_PASSTHROUGH_ALL has no effect without IMGPROXY_COOKIE_PASSTHROUGH."
        : undefined,
  },
  {
    looksAt: ["useS3", "s3Endpoint", "s3Region"],
    find: ({ useS3, s3Endpoint, s3Region }) =>
      !useS3 && (s3Endpoint !== "" || s3Region !== "")
        ? "S3 is set up but not turned on: set IMGPROXY_USE_S3=true for s3:// sources."
        : undefined,
  },
  {
    looksAt: ["useS3", "s3Endpoint"],
    find: ({ useS3, s3Endpoint }) =>
      useS3 && /^[^:/]+\.[a-z]{2,}([:/]|$)/i.test(s3Endpoint)
        ? `IMGPROXY_S3_ENDPOINT="${s3Endpoint}" has no scheme and is reached over plain http; write https:// in front.`
        : undefined,
  },
  {
    looksAt: ["openTelemetryEnable", "openTelemetryEnableMetrics", "openTelemetryEnableLogs"],
    find: ({ openTelemetryEnable, openTelemetryEnableMetrics, openTelemetryEnableLogs }) =>
      (openTelemetryEnableMetrics || openTelemetryEnableLogs) && !openTelemetryEnable
        ? "IMGPROXY_OPEN_TELEMETRY_ENABLE_METRICS and _LOGS have no effect without IMGPROXY_OPEN_TELEMETRY_ENABLE."
        : undefined,
  },
  {
    looksAt: ["datadogEnable", "datadogEnableAdditionalMetrics"],
    find: ({ datadogEnable, datadogEnableAdditionalMetrics }) =>
      datadogEnableAdditionalMetrics && !datadogEnable
        ? "IMGPROXY_DATADOG_ENABLE_ADDITIONAL_METRICS has no effect without IMGPROXY_DATADOG_ENABLE."
        : undefined,
  },
  {
    looksAt: ["airbrakeProjectId", "airbrakeProjectKey"],
    find: ({ airbrakeProjectId, airbrakeProjectKey }) =>
      airbrakeProjectId > 0 !== (airbrakeProjectKey !== "")
        ? "Airbrake stays off: it needs both IMGPROXY_AIRBRAKE_PROJECT_ID and IMGPROXY_AIRBRAKE_PROJECT_KEY."
        : undefined,
  },
  {
    looksAt: ["s3AssumeRoleArn", "s3AssumeRoleExternalId"],
    find: ({ s3AssumeRoleArn, s3AssumeRoleExternalId }) =>
      s3AssumeRoleExternalId !== "" && s3AssumeRoleArn === ""
        ? "IMGPROXY_S3_ASSUME_ROLE_EXTERNAL_ID has no effect without IMGPROXY_S3_ASSUME_ROLE_ARN."
        : undefined,
  },
  {
    looksAt: ["cacheUse", "cacheBucket"],
    find: ({ cacheUse, cacheBucket }) =>
      cacheUse.length === 0 && cacheBucket !== ""
        ? "Results are not kept although IMGPROXY_CACHE_BUCKET is set: set IMGPROXY_CACHE_USE, too."
        : undefined,
  },
];

function headerListFault(name: string, text: string, separator: string): string | undefined {
  const reading = parseHeaderList(text, separator);
  return reading.isGood ? undefined : `${name}: ${reading.fault}. Write NAME=VALUE${separator}NAME=VALUE.`;
}

/** Lines about variables that do not go together. `wrongKeys`: those with an error of their own. */
export function crossCheck(
  config: Config,
  wrongKeys: ReadonlySet<ConfigKey>,
): { errors: string[]; warnings: string[] } {
  const run = (checks: readonly Check[]) =>
    checks
      .filter(({ looksAt }) => !looksAt.some((key) => wrongKeys.has(key)))
      .flatMap(({ find }) => find(config) ?? []);
  return { errors: run(ERROR_CHECKS), warnings: run(WARNING_CHECKS) };
}
