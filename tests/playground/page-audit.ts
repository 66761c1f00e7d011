import type { Page } from "playwright-core";

/**
 * Texts whose contrast with what is behind them is below WCAG AA (4.5, or 3 for large ones). Colours are taken as the
 * browser computes them; pictures behind a text, and texts that are not seen, are left out.
 */
export function poorContrasts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Color = [r: number, g: number, b: number, a: number];
    const canvas = document.createElement("canvas");
    canvas.width = 1;
    canvas.height = 1;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const read = (text: string): Color => {
      if (pen === null) return [0, 0, 0, 1];
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = pen.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a]: Color, [r2, g2, b2]: Color): Color => [
      r * a + r2 * (1 - a),
      g * a + g2 * (1 - a),
      b * a + b2 * (1 - a),
      1,
    ];
    const behind = (element: Element): Color => {
      const layers: Color[] = [];
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const color = read(getComputedStyle(at).backgroundColor);
        if (color[3] > 0) layers.push(color);
        if (color[3] === 1) break;
      }
      return layers.reduceRight<Color>((below, layer) => over(layer, below), [255, 255, 255, 1]);
    };
    const luminance = ([r, g, b]: Color) => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const contrast = (one: Color, other: Color) => {
      const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
      return (light + 0.05) / (dark + 0.05);
    };
    const poor: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? "";
      if (element === null || text === "" || element.closest(".visually-hidden, .canvas, option, script") !== null)
        continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const style = getComputedStyle(element);
      const background = behind(element);
      const ratio = contrast(over(read(style.color), background), background);
      const isLarge = Number.parseFloat(style.fontSize) >= 24;
      if (ratio < (isLarge ? 3 : 4.5)) poor.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
    }
    return poor;
  });
}

/** Controls that assistive technology would have no name for, as Chromium's own accessibility tree has them. */
export async function namelessControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const roles = ["button", "link", "textbox", "searchbox", "combobox", "slider", "spinbutton", "switch", "checkbox"];
  roles.push("radio", "tab", "tabpanel", "radiogroup", "region", "img", "image", "ColorWell", "Date");
  return nodes
    .filter(({ ignored, role }) => !ignored && roles.includes(String(role?.value)))
    .filter(({ name }) => String(name?.value ?? "").trim() === "")
    .map(({ role, properties }) => `${String(role?.value)} ${JSON.stringify(properties?.slice(0, 2))}`);
}
