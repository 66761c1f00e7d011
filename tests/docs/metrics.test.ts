/** Metrics that dashboards, alerts and pages name are asked for at a running server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderDashboard } from "../../scripts/dashboard/dashboard.ts";
import { PREFIX } from "../../scripts/dashboard/panel.ts";
import { freePort, startServer } from "../support/executable.ts";
import { ROOT, readPage } from "./pages.ts";
import { minioWithPhotos, PHOTO_BUCKET } from "./photo-bucket.ts";

const ALERTS = "packaging/prometheus/imgproxy-alerts.yml";
/** Prometheus makes these itself. */
const OF_PROMETHEUS = new Set(["up"]);
/** Labels that Prometheus adds to everything it collects. */
const ADDED_LABELS = ["instance", "job"];

/** What an expression reads: names of metrics without the namespace, each with the labels asked of it. */
function readsOf(expr: string): { readonly name: string; readonly labels: readonly string[] }[] {
  const plain = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(PREFIX, "imgproxy_");
  const grouping = [...plain.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
  const bare = plain.replace(/\b(?:by|on|without|ignoring) \([^)]*\)/g, "").replace(/\[[^\]]*\]/g, "");
  return [...bare.matchAll(/\b([a-z_][a-z0-9_]*)\b(?:\{([^}]*)\})?(?!\s*\()/gi)]
    .filter(([, name = "", matchers]) => matchers !== undefined || /_|^up$/.test(name))
    .map(([, name = "", matchers = ""]) => ({
      name: name.replace(/^imgproxy_/, ""),
      labels: [...matchers.matchAll(/([a-z]+)(?:=~|!=|=)/g)].map(([, label = ""]) => label).concat(grouping),
    }));
}

type Dashboard = { panels: readonly { title: string; targets?: readonly { expr: string; legendFormat: string }[] }[] };
type Alerts = {
  groups: readonly { rules: readonly { alert: string; expr: string; annotations: Record<string, string> }[] }[];
};

// The types are those of what we write ourselves; the tests below would fail on anything else.
const dashboard = JSON.parse(renderDashboard()) as Dashboard;
const panels = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

describe("metrics", () => {
  let folder: string;
  /** Labels by name of the metric, as a server shows them that has had some of everything to do. */
  const exposed = new Map<string, Set<string>>();
  let rules: Alerts["groups"][number]["rules"] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imgproxy-metrics-"));
    const minio = await minioWithPhotos("eu-west-1");
    rules = (Bun.YAML.parse(await Bun.file(join(ROOT, ALERTS)).text()) as Alerts).groups.flatMap(
      (group) => group.rules,
    );
    const metricsPort = await freePort();
    await using server = await startServer({
      env: {
        HOME: folder,
        IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder,
        IMGPROXY_USE_S3: "true",
        IMGPROXY_S3_ENDPOINT: minio.endpoint,
        IMGPROXY_S3_REGION: minio.region,
        AWS_ACCESS_KEY_ID: minio.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: minio.credentials.secretAccessKey,
        IMGPROXY_CACHE_USE: "memory,fs",
        IMGPROXY_CACHE_FS_ROOT: join(folder, "results"),
        IMGPROXY_PROMETHEUS_BIND: `127.0.0.1:${metricsPort}`,
        IMGPROXY_PROMETHEUS_NAMESPACE: "imgproxy",
        IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true",
      },
    });
    const photo = `s3://${PHOTO_BUCKET}/cat.jpg`;
    const paths = [
      `w:50/plain/${photo}`,
      `w:50/plain/${photo}`,
      "plain/local:///nothing.jpg",
      `plain/${minio.endpoint}/x`,
    ];
    for (const path of paths) await (await fetch(`${server.url}/unsafe/${path}`)).bytes();
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    for (const [, name = ""] of text.matchAll(/^# TYPE (?:imgproxy_)?(\S+)/gm)) exposed.set(name, new Set());
    for (const [, full = "", labels = ""] of text.matchAll(/^(?:imgproxy_)?([a-z0-9_]+)(?:\{(.*)\})? /gm)) {
      const known = exposed.get(familyOf(full));
      for (const [, label = ""] of labels.matchAll(/([a-z_]+)="/g)) known?.add(label);
    }
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A histogram is several metrics of one family. */
  const familyOf = (name: string) => (exposed.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ""));

  function faultsOf(expr: string): string[] {
    const reads = readsOf(expr).filter(({ name }) => !OF_PROMETHEUS.has(name));
    if (reads.length === 0 && !expr.startsWith("up{")) return [`"${expr}" reads nothing`];
    return reads.flatMap(({ name, labels }) => {
      const known = exposed.get(familyOf(name));
      if (known === undefined) return [`there is no ${name}`];
      // Of what has not happened there is no label to see yet.
      if (known.size === 0) return [];
      const strange = labels.filter((label) => !ADDED_LABELS.includes(label) && !known.has(label));
      return strange.map((label) => `${name} has no label ${label}`);
    });
  }

  test("are many", () => expect(exposed.size).toBeGreaterThan(35));

  test.each(panels.map(({ title, legendFormat, expr }) => [title, legendFormat, expr] as const))(
    "of the dashboard, %s %s, are there",
    (_title, legend, expr) => {
      expect(faultsOf(expr)).toEqual([]);
      const grouped = readsOf(expr).flatMap(({ labels }) => labels);
      const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      expect(shown.filter((label) => !grouped.includes(label) && label !== "instance")).toEqual([]);
    },
  );

  test("of the alerts are there", () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.flatMap(({ alert, expr }) => faultsOf(expr).map((fault) => `${alert}: ${fault}`))).toEqual([]);
  });

  test("of the alerts' texts are there, and variables, too", () => {
    const texts = rules.flatMap(({ annotations }) => Object.values(annotations)).join("\n");
    const named = [...texts.matchAll(/\bimgproxy_([a-z0-9_]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !exposed.has(name))).toEqual([]);
  });

  test("of the pages are there", () => {
    const inTables = (path: string) =>
      [...readPage(path).text.matchAll(/^\|((?:[^|`]*`[^`|]+`)+)[^|]*\|/gm)].flatMap(([, cell = ""]) =>
        [...cell.matchAll(/`([a-z][a-z0-9_]+)(?:\{[^}]*\})?`/g)].map(([, name = ""]) => name),
      );
    const documented = [
      ...sectionTables("docs/monitoring.md", "Prometheus"),
      ...inTables("docs/caching.md"),
      ...inTables("docs/s3.md"),
    ];
    const ofMetrics = documented.filter((name) =>
      /^(?:cache|s3|shared|source|result|js|event|queue|request|status|errors|vips|workers|images)_/.test(name),
    );
    expect(ofMetrics.length).toBeGreaterThan(25);
    expect(ofMetrics.filter((name) => !exposed.has(name))).toEqual([]);
    const told = new Set(documented);
    expect([...exposed.keys()].filter((name) => !told.has(name) && !name.startsWith("process_"))).toEqual([]);
  });

  function sectionTables(path: string, title: string): string[] {
    const section = new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## )`, "m").exec(readPage(path).text)?.[1] ?? "";
    return [...section.matchAll(/^\|((?:[^|`]*`[^`|]+`)+)[^|]*\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([a-z][a-z0-9_]+)`/g)].map(([, name = ""]) => name),
    );
  }
});

describe("docs/monitoring.md", () => {
  test("explains every alert, and no other", async () => {
    const { groups } = Bun.YAML.parse(await Bun.file(join(ROOT, ALERTS)).text()) as Alerts;
    const alerts = groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    const explained = [...readPage("docs/monitoring.md").text.matchAll(/^\| `(Imgproxy\w+)` \|/gm)].map(
      ([, name]) => name ?? "",
    );
    expect(explained.sort()).toEqual(alerts.sort());
  });

  const promtool = Bun.which("promtool");
  test(`has alerts that are rules${promtool === null ? " (promtool is not on this machine: only read as YAML)" : " to promtool"}`, async () => {
    const text = await Bun.file(join(ROOT, ALERTS)).text();
    expect(() => Bun.YAML.parse(text)).not.toThrow();
    if (promtool === null) return;
    const check = Bun.spawn([promtool, "check", "rules", join(ROOT, ALERTS)], { stdout: "pipe", stderr: "pipe" });
    const said = (await new Response(check.stdout).text()) + (await new Response(check.stderr).text());
    expect(`${await check.exited} ${said}`).toMatch(/^0 /);
  });
});

describe("the reader of expressions", () => {
  test("finds metrics and their labels", () =>
    expect(
      readsOf(
        `sum by (le) (rate(${PREFIX}a_b_bucket{span="x",instance=~"$instance"}[5m])) / clamp_min(up{job="c_d"}, 1)`,
      ),
    ).toEqual([
      { name: "a_b_bucket", labels: ["span", "instance", "le"] },
      { name: "up", labels: ["job", "le"] },
    ]));
});
