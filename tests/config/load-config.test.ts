import { describe, expect, test } from "bun:test";
import { availableCpus } from "../../src/config/available-cpus.ts";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { fittingProcesses } from "../../src/config/derived-values.ts";
import { configOf, errorLines, warningsOf } from "./load.ts";

const SIGNED = { IMGPROXY_KEY: "aabb", IMGPROXY_SALT: "ccdd" };

describe("loadConfig", () => {
  test("an empty environment gives the reference's defaults and one warning about signatures", () => {
    const { config, warnings } = loadConfig({});
    expect(config).toMatchObject({
      bind: ":8080",
      network: "tcp",
      timeoutSeconds: 10,
      gracefulStopTimeoutSeconds: 20,
      maxSrcResolution: 50_000_000,
      maxAnimationFrames: 1,
      ttlSeconds: 31_536_000,
      useEtag: true,
      useLastModified: true,
      quality: 80,
      formatQuality: { webp: 79, avif: 63, jxl: 77 },
      preferredFormats: ["jpeg", "png", "gif"],
      sourceUrlQuerySeparator: "?",
      s3EndpointUsePathStyle: true,
      s3MultiRegion: false,
      allowPrivateSourceAddresses: true,
      logFormat: null,
    });
    expect(config.workers % 2).toBe(0);
    expect(warnings).toEqual([
      "Signatures are not checked: anybody may ask for any image. Set IMGPROXY_KEY and IMGPROXY_SALT.",
    ]);
    expect(warningsOf(SIGNED)).toEqual([]);
  });

  test("the configuration cannot be changed and two loads share nothing that differs", () => {
    const config = configOf({ IMGPROXY_QUALITY: "10" });
    expect(() => Object.assign(config, { quality: 20 })).toThrow(TypeError);
    expect(configOf({}).quality).toBe(80);
  });

  test("all mistakes come at once, a line each, with value, what is allowed and the default", () => {
    expect(
      errorLines({
        IMGPROXY_QUALITY: "500",
        IMGPROXY_AUTO_WEBP: "yes",
        IMGPROXY_KEY: "aabb,xy",
        IMGPROXY_LOG_LEVEL: "warning",
        IMGPROXY_USE_ABS: "true",
        IMGPROXY_VIPS_LEAK_CHECK: "maybe",
      }),
    ).toEqual([
      "IMGPROXY_KEY=(hidden) must be comma-separated hexadecimal strings, each with an even number of digits: item 2 of 2 is not hexadecimal. Change it, or remove it.",
      'IMGPROXY_AUTO_WEBP="yes" must be true or false (or 1, t, T, TRUE, True, 0, f, F, FALSE, False): write "true". Change it, or remove it for the default, false.',
      'IMGPROXY_QUALITY="500" must be a whole number from 1 to 100. Change it, or remove it for the default, 80.',
      'IMGPROXY_LOG_LEVEL="warning" must be one of debug, info, warn, error: did you mean "warn"? Change it, or remove it for the default, info.',
      "IMGPROXY_ABS_NAME must be set when IMGPROXY_USE_ABS is true.",
      'IMGPROXY_VIPS_LEAK_CHECK="maybe" must be true or false (or 1, t, T, TRUE, True, 0, f, F, FALSE, False). Remove it.',
    ]);
  });

  test("mistakes from a file name its line", () => {
    const file = { path: "/etc/imgproxy.env", lines: new Map([["IMGPROXY_QUALITY", 7]]) };
    expect(() => loadConfig({ IMGPROXY_QUALITY: "0" }, { file })).toThrow(
      'IMGPROXY_QUALITY="0" (/etc/imgproxy.env, line 7) must be',
    );
  });

  test("long and multi-line values are cut and stay on one line", () => {
    const [line = "", ...rest] = errorLines({ IMGPROXY_QUALITY: `a\nb${"c".repeat(500)}` });
    expect(rest).toEqual([]);
    expect(line).toContain('IMGPROXY_QUALITY="a\\nbccc');
    expect(line.length).toBeLessThan(250);
  });
});

describe("values that follow from others", () => {
  const cases: readonly (readonly [Record<string, string>, Partial<Config>])[] = [
    [{ PORT: "3000" }, { bind: ":3000" }],
    [{ PORT: "0" }, { bind: ":0" }],
    [{ PORT: "3000", IMGPROXY_BIND: ":80" }, { bind: ":80" }],
    [{ PORT: "-5" }, { bind: ":8080" }],
    [
      { AWS_LAMBDA_FUNCTION_NAME: "f", IMGPROXY_WORKERS: "9", IMGPROXY_REQUESTS_QUEUE_SIZE: "9" },
      { workers: 1, requestsQueueSize: 0 },
    ],
    [
      { IMGPROXY_WORKERS: "9", IMGPROXY_REQUESTS_QUEUE_SIZE: "9" },
      { workers: 9, requestsQueueSize: 9 },
    ],
    [{ CACHE_DIRECTORY: "/var/cache/imgproxy:/var/cache/other" }, { cacheFsRoot: "/var/cache/imgproxy" }],
    [{ CACHE_DIRECTORY: "/var/cache/imgproxy", IMGPROXY_CACHE_FS_ROOT: "/a:b" }, { cacheFsRoot: "/a:b" }],
    [
      { IMGPROXY_CACHE_USE: "s3, memory,FS", CACHE_DIRECTORY: "/c", IMGPROXY_CACHE_BUCKET: "b" },
      { cacheUse: ["memory", "fs", "s3"] },
    ],
  ];
  test.each(cases)("%p gives %p", (variables, values) => {
    expect(configOf(variables)).toMatchObject(values);
  });

  test("%current_version becomes the version", () => {
    const { config } = loadConfig({ IMGPROXY_USER_AGENT: "x/%current_version y" }, { version: "1.2.3" });
    expect(config.userAgent).toBe("x/1.2.3 y");
    expect(config.sentryRelease).toBe("imgproxy@1.2.3");
    expect(loadConfig({}, { version: "1.2.3" }).config.userAgent).toBe("imgproxy/1.2.3");
  });
});

describe("the number of processes", () => {
  const WORKERS = String(2 * availableCpus());

  test.each([
    [1, 1],
    [2, 1],
    [8, 1],
    [9, 2],
    [16, 2],
    [32, 4],
    [96, 12],
  ])("that fits %p CPUs is %p", (cpus, processes) => {
    expect(fittingProcesses(cpus)).toBe(processes);
  });

  test.each<[Record<string, string>, number]>([
    [{}, 1],
    [{ IMGPROXY_PROCESSES: "2" }, 2],
    [{ IMGPROXY_PROCESSES: "auto", IMGPROXY_WORKERS: WORKERS }, fittingProcesses(availableCpus())],
    [{ IMGPROXY_PROCESSES: "auto", IMGPROXY_WORKERS: "1" }, 1],
    [{ IMGPROXY_PROCESSES: "auto", IMGPROXY_NETWORK: "unix", IMGPROXY_BIND: "/run/socket" }, 1],
    [{ IMGPROXY_PROCESSES: "4", AWS_LAMBDA_FUNCTION_NAME: "f" }, 1],
  ])("with %p is %p", (variables, processes) => {
    expect(configOf({ IMGPROXY_WORKERS: "8", ...variables }).processes).toBe(processes);
  });

  test.each(["0", "-1", "some", "257", "Auto"])("is not %p", (text) => {
    expect(errorLines({ IMGPROXY_PROCESSES: text })[0]).toContain("must be auto or a whole number from 1 to 256");
  });

  test("must leave each process a worker and a port", () => {
    const few = errorLines({ IMGPROXY_PROCESSES: "4", IMGPROXY_WORKERS: "3" });
    expect(few).toEqual([expect.stringContaining("but IMGPROXY_WORKERS is 3. Lower the one or raise the other.")]);
    const unix = { IMGPROXY_PROCESSES: "2", IMGPROXY_NETWORK: "unix", IMGPROXY_BIND: "/run/socket" };
    expect(errorLines(unix)).toEqual([expect.stringContaining("a Unix socket cannot be shared")]);
  });

  test("may be more than there are CPUs, with a warning", () => {
    const tooMany = String(availableCpus() + 1);
    const { warnings } = loadConfig({ IMGPROXY_PROCESSES: tooMany, IMGPROXY_WORKERS: tooMany });
    expect(warnings.filter((line) => line.includes(`IMGPROXY_PROCESSES=${tooMany} is more than`))).toHaveLength(1);
    expect(loadConfig({}).warnings.join()).not.toContain("IMGPROXY_PROCESSES");
  });
});

describe("variables that do not go together", () => {
  const refused: readonly (readonly [Record<string, string>, string])[] = [
    [{ IMGPROXY_KEY: "aa" }, "must hold equally many items, but hold 1 and 0"],
    [{ IMGPROXY_SALT: "aa" }, "must hold equally many items, but hold 0 and 1"],
    [{ IMGPROXY_KEY: "aa,bb", IMGPROXY_SALT: "aa" }, "must hold equally many items, but hold 2 and 1"],
    [{ IMGPROXY_PROMETHEUS_BIND: ":8080" }, "must differ from the address of the server"],
    [{ IMGPROXY_PROMETHEUS_BIND: ":3000", PORT: "3000" }, "must differ from the address of the server"],
    [{ IMGPROXY_USE_S3: "true", IMGPROXY_S3_ACCESS_POINTS: "a=" }, 'but "a" has none'],
    [{ IMGPROXY_USE_ABS: "true" }, "IMGPROXY_ABS_NAME must be set"],
    [{ IMGPROXY_USE_SWIFT: "true" }, "IMGPROXY_SWIFT_AUTH_URL must be set"],
    [{ IMGPROXY_SYSLOG_ENABLE: "true", IMGPROXY_SYSLOG_NETWORK: "udp" }, "IMGPROXY_SYSLOG_ADDRESS must be set"],
    [{ IMGPROXY_DATADOG_ENABLE: "true", DD_TRACE_AGENT_PORT: "0" }, "must be from 1 to 65535"],
    [{ IMGPROXY_CACHE_USE: "fs" }, "IMGPROXY_CACHE_FS_ROOT must be set"],
    [{ IMGPROXY_CACHE_USE: "memory,s3" }, "IMGPROXY_CACHE_BUCKET must be set"],
    [{ IMGPROXY_CACHE_PATH_PREFIX: "a/../b" }, "must not hold the path parts"],
    [{ IMGPROXY_FAIL_ON_DEPRECATION: "true", IMGPROXY_CONCURRENCY: "2" }, "set IMGPROXY_WORKERS instead"],
  ];
  test.each(refused)("%p is refused", (variables, text) => {
    expect(errorLines(variables)).toEqual([expect.stringContaining(text)]);
  });

  const fine: readonly Record<string, string>[] = [
    { IMGPROXY_PROMETHEUS_BIND: ":9090" },
    { IMGPROXY_S3_ACCESS_POINTS: "a=" },
    { IMGPROXY_NETWORK: "unix", IMGPROXY_BIND: "/run/imgproxy.sock" },
    { IMGPROXY_NETWORK: "unix", IMGPROXY_BIND: "nonsense" },
    { DD_TRACE_AGENT_PORT: "0" },
    { IMGPROXY_SYSLOG_NETWORK: "udp" },
  ];
  test.each(fine)("%p is taken", (variables) => {
    expect(() => configOf(variables)).not.toThrow();
  });

  test("a check waits until its variables are right by themselves", () => {
    expect(errorLines({ IMGPROXY_KEY: "xyz" })).toHaveLength(1);
    expect(errorLines({ IMGPROXY_NETWORK: "unx", IMGPROXY_BIND: "/run/x.sock" })).toHaveLength(1);
  });

  const warned: readonly (readonly [Record<string, string>, string])[] = [
    [{ IMGPROXY_DEVELOPMENT_ERRORS_MODE: "1" }, "Clients see whole error texts"],
    [{ IMGPROXY_IGNORE_SSL_VERIFICATION: "1" }, "Certificates of sources are not checked"],
    [{ IMGPROXY_PATH_PREFIX: "img" }, "should begin with a slash"],
    [{ IMGPROXY_PATH_PREFIX: "/img/" }, "should begin with a slash and not end with one"],
    [{ IMGPROXY_ONLY_PRESETS: "1" }, "there are no presets"],
    [{ IMGPROXY_COOKIE_PASSTHROUGH_ALL: "1" }, "no effect without IMGPROXY_COOKIE_PASSTHROUGH."],
    [{ IMGPROXY_S3_ENDPOINT: "http://127.0.0.1:9000" }, "set IMGPROXY_USE_S3=true"],
    [{ IMGPROXY_USE_S3: "1", IMGPROXY_S3_ENDPOINT: "s3.us-west-004.backblazeb2.com" }, "write https:// in front"],
    [{ IMGPROXY_S3_ASSUME_ROLE_EXTERNAL_ID: "x" }, "no effect without IMGPROXY_S3_ASSUME_ROLE_ARN"],
    [{ IMGPROXY_LOCAL_FILESYSTEM_ROOT: "/" }, "every readable file is a possible source"],
    [{ IMGPROXY_COOKIE_BASE_URL: "example.com" }, "will match nothing"],
    [{ IMGPROXY_CACHE_BUCKET: "results" }, "set IMGPROXY_CACHE_USE, too"],
    [{ IMGPROXY_USE_GCS: "true" }, "IMGPROXY_USE_GCS has no effect yet"],
  ];
  test.each(warned)("%p is warned about", (variables, text) => {
    expect(warningsOf({ ...SIGNED, ...variables })).toEqual([expect.stringContaining(text)]);
  });

  const silent: readonly Record<string, string>[] = [
    { IMGPROXY_PATH_PREFIX: "/img" },
    { IMGPROXY_USE_S3: "1", IMGPROXY_S3_ENDPOINT: "https://s3.example.com" },
    { IMGPROXY_USE_S3: "1", IMGPROXY_S3_ENDPOINT: "minio:9000" },
    { IMGPROXY_USE_S3: "1", IMGPROXY_S3_ENDPOINT: "127.0.0.1:9000" },
    { IMGPROXY_USE_GCS: "false" },
    { IMGPROXY_ONLY_PRESETS: "1", IMGPROXY_PRESETS: "a=w:1" },
  ];
  test.each(silent)("%p is not warned about", (variables) => {
    expect(warningsOf({ ...SIGNED, ...variables })).toEqual([]);
  });
});

describe("names that are not in the table", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["IMGPROXY_WORKERZ", "IMGPROXY_WORKERZ is unknown and has no effect; did you mean IMGPROXY_WORKERS?"],
    [
      "IMGPROXY_MAX_SRC_RESOLUTON",
      "IMGPROXY_MAX_SRC_RESOLUTON is unknown and has no effect; did you mean IMGPROXY_MAX_SRC_RESOLUTION?",
    ],
    ["IMGPROXY_QUITE_OTHER_THINGS", "IMGPROXY_QUITE_OTHER_THINGS is unknown and has no effect."],
    ["IMGPROXY_CONCURRENCY", "IMGPROXY_CONCURRENCY was removed and has no effect; set IMGPROXY_WORKERS instead."],
    ["IMGPROXY_WRITE_TIMEOUT", "IMGPROXY_WRITE_TIMEOUT was removed and has no effect; set IMGPROXY_TIMEOUT instead."],
    [
      "IMGPROXY_READ_TIMEOUT",
      "IMGPROXY_READ_TIMEOUT was removed and has no effect; set IMGPROXY_READ_REQUEST_TIMEOUT instead.",
    ],
    [
      "IMGPROXY_ENABLE_WEBP_DETECTION",
      "IMGPROXY_ENABLE_WEBP_DETECTION was removed and has no effect; set IMGPROXY_AUTO_WEBP instead.",
    ],
    [
      "IMGRPOXY_SWIFT_TIMEOUT_SECONDS",
      "IMGRPOXY_SWIFT_TIMEOUT_SECONDS was removed and has no effect; set IMGPROXY_SWIFT_TIMEOUT_SECONDS instead.",
    ],
    ["IMGPROXY_PPROF_BIND", "IMGPROXY_PPROF_BIND is ignored: there is no Go profiler in this program."],
    [
      "IMGPROXY_CACHE_GCS_KEY",
      "IMGPROXY_CACHE_GCS_KEY has no effect: it belongs to imgproxy's paid edition and is not built here.",
    ],
  ];
  test.each(cases)("%s", (name, line) => {
    expect(warningsOf({ ...SIGNED, [name]: "1" })).toEqual([line]);
    expect(warningsOf({ ...SIGNED, [name]: " " })).toEqual([]);
  });

  test.each(["HOME", "imgproxy_quality", "IMGPROXY_TUNED_AT_START", "IMGPROXY_TEST_X"])(
    "%s is none of our business",
    (name) => {
      expect(warningsOf({ ...SIGNED, [name]: "1" })).toEqual([]);
    },
  );

  test("the value of an unknown variable is not repeated", () => {
    expect(warningsOf({ IMGPROXY_KEYS: "f00dfeed" }).join()).not.toContain("f00dfeed");
  });
});
