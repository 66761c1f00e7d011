/** One query of a panel and what its lines are called. */
export type Query = { readonly expr: string; readonly legend: string };

export type Panel = {
  readonly title: string;
  readonly doc: string;
  /** Grafana's name of a unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** `stat` is one number; default lines over time. */
  readonly kind?: "stat" | "lines" | "stacked";
  /** Of the 24 columns of a row; default 8, a `stat` 4. */
  readonly width?: number;
  readonly max?: number;
  /** Where a `stat` turns yellow and red. */
  readonly warns?: readonly [yellow: number, red: number];
};

export type Row = { readonly title: string; readonly panels: readonly Panel[] };

/** The dashboard's variable for IMGPROXY_PROMETHEUS_NAMESPACE and its underscore. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: It is Grafana that fills it in.
export const PREFIX = "${prefix}";
const INSTANCE = 'instance=~"$instance"';
const COLUMNS = 24;
const HEIGHT = { stat: 4, lines: 8, stacked: 8 } as const;

/** A metric of ours on the chosen machines, with further label matchers. */
export function metric(name: string, matchers = ""): string {
  const prefix = name.startsWith("process_") ? "" : PREFIX;
  return `${prefix}${name}{${[INSTANCE, ...(matchers === "" ? [] : [matchers])].join(",")}}`;
}

/** Events a second, summed over what is not named in `by`. */
export function rate(name: string, { by = "", matchers = "" } = {}): string {
  const over = `rate(${metric(name, matchers)}[$__rate_interval])`;
  return by === "" ? `sum(${over})` : `sum by (${by}) (${over})`;
}

/** A quantile of a histogram. */
export function quantile(q: number, name: string, matchers = ""): string {
  return `histogram_quantile(${q}, ${rate(`${name}_bucket`, { by: "le", matchers })})`;
}

/** Grafana's JSON of the rows, panels placed side by side. */
export function placeRows(rows: readonly Row[]): readonly object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: "row",
      title,
      collapsed: false,
      gridPos: grid(0, y++, COLUMNS, 1),
      panels: [],
    });
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      const kind = panel.kind ?? "lines";
      const width = panel.width ?? (kind === "stat" ? 4 : 8);
      if (x + width > COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      placed.push(renderPanel(panel, placed.length + 1, grid(x, y, width, HEIGHT[kind])));
      x += width;
      height = Math.max(height, HEIGHT[kind]);
    }
    y += height;
  }
  return placed;
}

function grid(x: number, y: number, w: number, h: number) {
  return { x, y, w, h };
}

function renderPanel(panel: Panel, id: number, gridPos: object): object {
  const { title, doc, unit, queries, kind = "lines", max, warns } = panel;
  const datasource = { type: "prometheus", uid: "$datasource" };
  const targets = queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    datasource,
    expr,
    legendFormat: legend,
  }));
  const common = { id, title, description: doc, datasource, gridPos, targets };
  const defaults = { unit, min: 0, ...(max === undefined ? {} : { max }) };
  if (kind === "stat") {
    return {
      ...common,
      type: "stat",
      fieldConfig: { defaults: { ...defaults, thresholds: thresholds(warns) }, overrides: [] },
      options: {
        reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        colorMode: warns === undefined ? "none" : "value",
        graphMode: "area",
        textMode: "value",
      },
    };
  }
  const isStacked = kind === "stacked";
  return {
    ...common,
    type: "timeseries",
    fieldConfig: {
      defaults: {
        ...defaults,
        custom: {
          fillOpacity: isStacked ? 40 : 5,
          lineWidth: 1,
          showPoints: "never",
          stacking: { mode: isStacked ? "normal" : "none", group: "A" },
        },
      },
      overrides: [],
    },
    options: {
      legend: { displayMode: "list", placement: "bottom", showLegend: true },
      tooltip: { mode: "multi", sort: "desc" },
    },
  };
}

function thresholds(warns: Panel["warns"]): object {
  const [yellow, red] = warns ?? [];
  return {
    mode: "absolute",
    steps: [
      { color: "green", value: null },
      ...(yellow === undefined ? [] : [{ color: "yellow", value: yellow }]),
      ...(red === undefined ? [] : [{ color: "red", value: red }]),
    ],
  };
}
