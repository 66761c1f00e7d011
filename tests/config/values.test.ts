import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../src/config/config.ts";
import { ROWS } from "../../src/config/reading.ts";
import { configOf, errorLines, warningsOf } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "config-values-"));
const file = join(folder, "file.txt");
writeFileSync(file, "content");
mkdirSync(join(folder, "sub"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BOOLS = ROWS.filter(({ row }) => row.type.name === "bool");
/** Switches that the reference never reads take any text. */
const LENIENT = ["IMGPROXY_ENABLE_CLIENT_HINTS", "IMGPROXY_RETURN_ATTACHMENT", "IMGPROXY_FAIL_ON_DEPRECATION"];
/** Switches that need another variable beside them. */
const NEEDS: Readonly<Record<string, Record<string, string>>> = {
  IMGPROXY_USE_ABS: { IMGPROXY_ABS_NAME: "account" },
  IMGPROXY_USE_SWIFT: { IMGPROXY_SWIFT_AUTH_URL: "https://keystone.example/v3" },
};

describe("switches", () => {
  test.each(BOOLS.map(({ key, row }) => [row.env, key] as const))("%s reads Go's spellings", (env, key) => {
    for (const word of ["1", "t", "T", "TRUE", "true", "True"]) {
      expect(configOf({ ...NEEDS[env], [env]: word })[key]).toBe(true);
    }
    for (const word of ["0", "f", "F", "FALSE", "false", "False"]) expect(configOf({ [env]: word })[key]).toBe(false);
  });

  test.each(BOOLS.map(({ row }) => row.env).filter((env) => !LENIENT.includes(env)))(
    "%s refuses other words",
    (env) => {
      for (const word of ["abc", "yes", "on", "tRue", " true", "2"]) {
        expect(errorLines({ [env]: word })).toEqual([
          expect.stringContaining(`${env}=${JSON.stringify(word)} must be true or false`),
        ]);
      }
    },
  );

  test.each(LENIENT)("%s takes any text for false and says so", (env) => {
    expect(warningsOf({ [env]: "abc" })).toContain(`${env} is neither true nor false and counts as false.`);
  });
});

/** Variable, texts that are refused. What the reference refuses is among them. */
const REFUSED: readonly (readonly [string, ...string[]])[] = [
  ["PORT", "abc", "99999", "1.5"],
  ["IMGPROXY_BIND", "nonsense", "127.0.0.1:99999", "::1:8080", "host:http"],
  ["IMGPROXY_NETWORK", "udp", "tcp "],
  ["IMGPROXY_MAX_CLIENTS", "abc", "-1", "1e3", "0x10", "1_000"],
  ["IMGPROXY_TIMEOUT", "abc", "0", "-1", "1.5", " 5 ", "5s"],
  ["IMGPROXY_READ_REQUEST_TIMEOUT", "abc", "0"],
  ["IMGPROXY_WRITE_RESPONSE_TIMEOUT", "abc", "0", "-1"],
  ["IMGPROXY_KEEP_ALIVE_TIMEOUT", "abc", "-1"],
  ["IMGPROXY_GRACEFUL_STOP_TIMEOUT", "abc", "-1"],
  ["IMGPROXY_FREE_MEMORY_INTERVAL", "abc", "0", "-1"],
  ["IMGPROXY_TTL", "abc", "-1"],
  ["IMGPROXY_SERVICE_PAGES_TTL", "abc", "-1"],
  ["IMGPROXY_FALLBACK_IMAGE_TTL", "abc", "-1"],
  ["IMGPROXY_KEY", "zz", "abc", "aa,", ",aa", "aa,,bb", ","],
  ["IMGPROXY_SALT", "zz", "abc", "aa,"],
  ["IMGPROXY_SIGNATURE_SIZE", "abc", "0", "33"],
  ["IMGPROXY_TRUSTED_SIGNATURES", ","],
  ["IMGPROXY_ALLOWED_SOURCES", ",", "https://a.example/,", "https://a.example/,,s3://"],
  ["IMGPROXY_ALLOWED_PROCESSING_OPTIONS", ", ,"],
  ["IMGPROXY_MAX_SRC_RESOLUTION", "abc", "0", "-1", "nan", "inf", "1e999", "1,5"],
  ["IMGPROXY_MAX_SRC_FILE_SIZE", "abc", "-1", "9223372036854775808"],
  ["IMGPROXY_MAX_ANIMATION_FRAMES", "abc", "0", "-1"],
  ["IMGPROXY_MAX_ANIMATION_FRAME_RESOLUTION", "abc"],
  ["IMGPROXY_MAX_RESULT_DIMENSION", "abc"],
  ["IMGPROXY_REQUESTS_QUEUE_SIZE", "abc", "-1"],
  ["IMGPROXY_WORKERS", "abc", "0", "-1"],
  ["IMGPROXY_PROCESSES", "abc", "0", "-1"],
  ["IMGPROXY_FALLBACK_IMAGE_DATA", "!!!", "aGVsbG8", "aGVs bG8="],
  ["IMGPROXY_FALLBACK_IMAGE_HTTP_CODE", "abc", "99", "600", "-1"],
  ["IMGPROXY_WATERMARK_DATA", "!!!"],
  ["IMGPROXY_WATERMARK_OPACITY", "abc", "0", "1.1", "-0.5"],
  ["IMGPROXY_DOWNLOAD_TIMEOUT", "abc", "0", "-1"],
  ["IMGPROXY_MAX_REDIRECTS", "abc", "-1"],
  ["IMGPROXY_CLIENT_KEEP_ALIVE_TIMEOUT", "abc", "-1"],
  ["IMGPROXY_LOCAL_FILESYSTEM_ROOT", "/no/such/folder", file],
  ["IMGPROXY_S3_ACCESS_POINTS", "abc", "a=b;"],
  ["IMGPROXY_S3_BUCKET_REGIONS", "abc"],
  ["IMGPROXY_S3_REQUEST_PAYER", "me"],
  ["IMGPROXY_S3_ALLOWED_BUCKETS", ","],
  [
    "IMGPROXY_S3_BUCKETS",
    "abc",
    "[]",
    '{"a":1}',
    '{"a":{"regoin":"x"}}',
    '{"a":{"pathStyle":"yes"}}',
    '{"a":{"requestPayer":"me"}}',
    '{"a":{"accessKeyId":"x"}}',
  ],
  ["IMGPROXY_SWIFT_AUTH_VERSION", "abc"],
  ["IMGPROXY_SWIFT_TIMEOUT_SECONDS", "abc"],
  ["IMGPROXY_SWIFT_CONNECT_TIMEOUT_SECONDS", "abc"],
  ["IMGPROXY_URL_REPLACEMENTS", "abc", "a=b;", "a=b;;c=d"],
  ["IMGPROXY_PRESETS_PATH", "/no/such/file", folder],
  [
    "IMGPROXY_LAST_MODIFIED_BUSTER",
    "abc",
    "2026-01-01",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
  ],
  ["IMGPROXY_CACHE_USE", "abc", "fs,", "fs;s3", "gcs", "memory fs"],
  ["IMGPROXY_CACHE_TTL", "abc", "-1"],
  ["IMGPROXY_CACHE_MEMORY_SIZE", "abc", "-1", "0", "1023K", "10 M", "10X", "M", "1e9", "9999999T"],
  ["IMGPROXY_CACHE_FS_SIZE", "abc", "0"],
  ["IMGPROXY_COOKIE_BASE_URL", "http://[bad", "ftp://example.com/"],
  ["IMGPROXY_QUALITY", "abc", "0", "101"],
  ["IMGPROXY_FORMAT_QUALITY", "abc", "jpg=0", "jpg=101", "foo=50", "jpg", "jpg=80,", "jpg=8=0", "webp=8.5"],
  ["IMGPROXY_PNG_QUANTIZATION_COLORS", "abc", "1", "257"],
  ["IMGPROXY_WEBP_EFFORT", "abc", "0", "7"],
  ["IMGPROXY_WEBP_PRESET", "abc"],
  ["IMGPROXY_AVIF_SPEED", "abc", "-1", "10"],
  ["IMGPROXY_JXL_EFFORT", "abc", "0", "10"],
  ["IMGPROXY_PREFERRED_FORMATS", "abc", "svg", "heic", "jpeg,"],
  ["IMGPROXY_SKIP_PROCESSING_FORMATS", "abc"],
  ["IMGPROXY_PROMETHEUS_BIND", "nonsense"],
  ["IMGPROXY_NEW_RELIC_LABELS", "abc"],
  ["DD_TRACE_AGENT_PORT", "abc"],
  ["DD_DOGSTATSD_PORT", "abc"],
  ["OTEL_EXPORTER_OTLP_PROTOCOL", "abc"],
  ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "abc"],
  ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "abc"],
  ["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "abc"],
  ["OTEL_EXPORTER_OTLP_TIMEOUT", "abc", "0"],
  ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "abc"],
  ["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "abc"],
  ["OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "abc"],
  ["OTEL_BSP_SCHEDULE_DELAY", "abc", "0"],
  ["OTEL_BLRP_SCHEDULE_DELAY", "abc", "0"],
  ["OTEL_METRIC_EXPORT_INTERVAL", "abc", "0"],
  ["OTEL_PROPAGATORS", ","],
  ["OTEL_LOG_LEVEL", "abc"],
  ["IMGPROXY_SENTRY_DSN", "nonsense", "ftp://key@host/1", "https://host/1", "https://key@host/"],
  ["IMGPROXY_AIRBRAKE_PROJECT_ID", "abc"],
  ["IMGPROXY_LOG_FORMAT", "abc"],
  ["IMGPROXY_LOG_LEVEL", "abc", "warning"],
  ["IMGPROXY_SYSLOG_LEVEL", "abc", "warning"],
  ["IMGPROXY_VIPS_LEAK_CHECK", "abc"],
  ["IMGPROXY_VIPS_CACHE_TRACE", "abc"],
];

describe("texts that stop the start", () => {
  test.each(REFUSED.flatMap(([env, ...texts]) => texts.map((text) => [env, text])))("%s=%p", (env, text) => {
    const lines = errorLines({ [env]: text });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(env);
    expect(lines[0]).toMatch(/\.$/);
  });

  test("every variable that is not free text is in this table or a switch", () => {
    const covered = new Set([...REFUSED.map(([env]) => env), ...BOOLS.map(({ row }) => row.env)]);
    const free = ["string", "PEM", "file"];
    const typed = ROWS.filter(({ row }) => !free.includes(row.type.name) || row.env === "IMGPROXY_PRESETS_PATH");
    const lists = ROWS.filter(({ row }) => row.type.name === "list");
    const known = new Set([...covered, ...lists.map(({ row }) => row.env)]);
    expect(typed.map(({ row }) => row.env).filter((env) => !known.has(env))).toEqual([]);
  });
});

const bytes = (...values: number[]) => new Uint8Array(values);

/** Variable, text, property, value. */
const ACCEPTED: readonly (readonly [string, string, keyof Config, unknown])[] = [
  ["IMGPROXY_CACHE_USE", "memory", "cacheUse", ["memory"]],
  ["IMGPROXY_CACHE_TTL", "0", "cacheTtlSeconds", 0],
  ["IMGPROXY_CACHE_TTL", "31536000", "cacheTtlSeconds", 31_536_000],
  ["IMGPROXY_CACHE_MEMORY_SIZE", "1048576", "cacheMemorySizeBytes", 1_048_576],
  ["IMGPROXY_CACHE_MEMORY_SIZE", "1.5g", "cacheMemorySizeBytes", 1_610_612_736],
  ["IMGPROXY_CACHE_MEMORY_SIZE", "64MiB", "cacheMemorySizeBytes", 67_108_864],
  ["IMGPROXY_CACHE_FS_SIZE", "2TB", "cacheFsSizeBytes", 2_199_023_255_552],
  ["IMGPROXY_BIND", "[::1]:80", "bind", "[::1]:80"],
  ["PORT", "3000", "port", 3000],
  ["IMGPROXY_NETWORK", "TCP4", "network", "tcp4"],
  ["IMGPROXY_MAX_CLIENTS", "+7", "maxClients", 7],
  ["IMGPROXY_TIMEOUT", "007", "timeoutSeconds", 7],
  ["IMGPROXY_KEEP_ALIVE_TIMEOUT", "0", "keepAliveTimeoutSeconds", 0],
  ["IMGPROXY_TTL", "0", "ttlSeconds", 0],
  ["IMGPROXY_TTL", "99999999999", "ttlSeconds", 99_999_999_999],
  ["IMGPROXY_MAX_SRC_FILE_SIZE", "9223372036854775807", "maxSrcFileSize", 2 ** 63],
  ["IMGPROXY_ALLOWED_SOURCES", " s3://a/ , https://*.example/ ", "allowedSources", ["s3://a/", "https://*.example/"]],
  ["IMGPROXY_ALLOWED_PROCESSING_OPTIONS", "w,,h,", "allowedProcessingOptions", ["w", "h"]],
  ["IMGPROXY_MAX_SRC_RESOLUTION", "16.8", "maxSrcResolution", 16_800_000],
  ["IMGPROXY_MAX_SRC_RESOLUTION", ".5", "maxSrcResolution", 500_000],
  ["IMGPROXY_MAX_SRC_RESOLUTION", "1e2", "maxSrcResolution", 100_000_000],
  ["IMGPROXY_MAX_ANIMATION_FRAME_RESOLUTION", "-1", "maxAnimationFrameResolution", 0],
  ["IMGPROXY_MAX_RESULT_DIMENSION", "-1", "maxResultDimension", -1],
  ["IMGPROXY_FALLBACK_IMAGE_DATA", "aGVsbG8=", "fallbackImageData", bytes(104, 101, 108, 108, 111)],
  ["IMGPROXY_FALLBACK_IMAGE_DATA", "aGVs\nbG8=\n", "fallbackImageData", bytes(104, 101, 108, 108, 111)],
  ["IMGPROXY_FALLBACK_IMAGE_PATH", file, "fallbackImagePath", file],
  ["IMGPROXY_FALLBACK_IMAGE_HTTP_CODE", "0", "fallbackImageHttpCode", 0],
  ["IMGPROXY_FALLBACK_IMAGE_HTTP_CODE", "599", "fallbackImageHttpCode", 599],
  ["IMGPROXY_WATERMARK_OPACITY", "0.5", "watermarkOpacity", 0.5],
  ["IMGPROXY_LOCAL_FILESYSTEM_ROOT", folder, "localFilesystemRoot", folder],
  ["IMGPROXY_PRESETS_PATH", file, "presetsPath", file],
  ["IMGPROXY_SOURCE_URL_QUERY_SEPARATOR", "", "sourceUrlQuerySeparator", ""],
  ["IMGPROXY_SOURCE_URL_QUERY_SEPARATOR", "?version=", "sourceUrlQuerySeparator", "?version="],
  ["IMGPROXY_ARGUMENTS_SEPARATOR", "--", "argumentsSeparator", "--"],
  [
    "IMGPROXY_S3_ACCESS_POINTS",
    " a = arn:x ; b=arn:y=z",
    "s3AccessPoints",
    new Map([
      ["a", "arn:x"],
      ["b", "arn:y=z"],
    ]),
  ],
  ["IMGPROXY_S3_BUCKET_REGIONS", "a=eu-west-1", "s3BucketRegions", new Map([["a", "eu-west-1"]])],
  ["IMGPROXY_S3_REQUEST_PAYER", "Requester", "s3RequestPayer", "requester"],
  [
    "IMGPROXY_S3_BUCKETS",
    '{"a":{"region":"eu-west-1","anonymous":true}}',
    "s3Buckets",
    new Map([["a", { region: "eu-west-1", anonymous: true }]]),
  ],
  [
    "IMGPROXY_URL_REPLACEMENTS",
    "a*= b ;c=d=e",
    "urlReplacements",
    [
      { key: "a*", value: " b " },
      { key: "c", value: "d=e" },
    ],
  ],
  [
    "IMGPROXY_LAST_MODIFIED_BUSTER",
    "2026-01-31T12:00:00.5+02:00",
    "lastModifiedBuster",
    new Date("2026-01-31T10:00:00.500Z"),
  ],
  ["IMGPROXY_LAST_MODIFIED_BUSTER", "2028-02-29T00:00:00Z", "lastModifiedBuster", new Date("2028-02-29T00:00:00Z")],
  ["IMGPROXY_COOKIE_BASE_URL", "https://example.com/a", "cookieBaseUrl", "https://example.com/a"],
  ["IMGPROXY_QUALITY", "100", "quality", 100],
  ["IMGPROXY_FORMAT_QUALITY", "jpg=70, avif = 50", "formatQuality", { webp: 79, avif: 50, jxl: 77, jpeg: 70 }],
  ["IMGPROXY_PREFERRED_FORMATS", "webp,jpg,jpeg", "preferredFormats", ["webp", "jpeg"]],
  ["IMGPROXY_SKIP_PROCESSING_FORMATS", "svg,GIF", "skipProcessingFormats", ["svg", "gif"]],
  ["IMGPROXY_WEBP_PRESET", "Photo", "webpPreset", "photo"],
  ["IMGPROXY_AVIF_SPEED", "0", "avifSpeed", 0],
  ["IMGPROXY_LOG_LEVEL", "WARN", "logLevel", "warn"],
  ["IMGPROXY_LOG_FORMAT", "json", "logFormat", "json"],
  ["IMGPROXY_SYSLOG_LEVEL", "crit", "syslogLevel", "crit"],
  ["IMGPROXY_OPEN_TELEMETRY_CLIENT_CERT", "a\\nb", "openTelemetryClientCert", "a\nb"],
  ["IMGPROXY_SENTRY_DSN", "https://key@host.example/1", "sentryDsn", "https://key@host.example/1"],
  ["OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "otelExporterOtlpProtocol", "http/protobuf"],
  ["https_proxy", "http://gateway.example:3128", "httpsProxy", "http://gateway.example:3128"],
  ["AWS_DEFAULT_REGION", "eu-west-1", "awsRegion", "eu-west-1"],
];

describe("texts that are taken", () => {
  test.each(ACCEPTED)("%s=%p", (env, text, key, value) => {
    expect(configOf({ [env]: text })[key]).toEqual(value as never);
  });

  test("keys and salts become bytes, blanks and letter case aside", () => {
    const config = configOf({ IMGPROXY_KEY: "00ff, AaBb", IMGPROXY_SALT: "01,02" });
    expect(config.key).toEqual([bytes(0, 255), bytes(0xaa, 0xbb)]);
    expect(config.salt).toEqual([bytes(1), bytes(2)]);
  });

  test.each(ROWS.map(({ key, row }) => [row.env, key, row] as const))(
    "%s set to blanks is not set",
    (env, key, row) => {
      if (row.isBlankAValue) return expect(configOf({ [env]: "  " })[key]).toEqual("  " as never);
      expect(configOf({ [env]: "" })).toEqual(configOf({}));
      expect(configOf({ [env]: " \t" })[key]).toEqual(configOf({})[key]);
    },
  );

  test("the first name wins over its alternates", () => {
    expect(configOf({ AWS_REGION: "a", AWS_DEFAULT_REGION: "b" }).awsRegion).toBe("a");
    expect(configOf({ AWS_REGION: "", AWS_DEFAULT_REGION: "b" }).awsRegion).toBe("b");
  });

  test("timers are lowered to what they can wait, ages of caches are not", () => {
    const variables = { IMGPROXY_TIMEOUT: "9999999999", IMGPROXY_TTL: "9999999999" };
    expect(configOf(variables)).toMatchObject({ timeoutSeconds: 2_147_483, ttlSeconds: 9_999_999_999 });
    expect(warningsOf(variables)).toContain(
      "IMGPROXY_TIMEOUT is lowered to 2147483 seconds, the longest that a timer can wait.",
    );
  });

  test("a missing fallback or watermark file is passed over with a warning", () => {
    const variables = { IMGPROXY_FALLBACK_IMAGE_PATH: "/nonexistent.png", IMGPROXY_WATERMARK_PATH: folder };
    expect(configOf(variables)).toMatchObject({ fallbackImagePath: "", watermarkPath: "" });
    expect(warningsOf(variables)).toEqual(
      expect.arrayContaining([
        "IMGPROXY_FALLBACK_IMAGE_PATH names no existing file and is ignored.",
        "IMGPROXY_WATERMARK_PATH names no existing file and is ignored.",
      ]),
    );
  });

  test("preferred formats that cannot be written are dropped with a warning", () => {
    const variables = { IMGPROXY_PREFERRED_FORMATS: "svg,webp,heic" };
    expect(configOf(variables).preferredFormats).toEqual(["webp"]);
    expect(warningsOf(variables)).toContain(
      "IMGPROXY_PREFERRED_FORMATS names formats that cannot be written: svg, heic.",
    );
  });
});
