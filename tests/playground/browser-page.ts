import type { Browser, Locator, Page } from "playwright-core";

/** A page of the playground that has made its first picture, and everything it complains of. */
export type OpenedPage = AsyncDisposable & {
  readonly page: Page;
  /** Errors of scripts and of the content security policy. */
  readonly complaints: readonly string[];
  /** Waits until this is behind the signature and its picture is shown. */
  shows(path: string): Promise<void>;
  /** What the URL box holds, without the server. */
  target(): Promise<string>;
};

export type OpenOptions = {
  readonly url: string;
  readonly hash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  readonly isPhone?: boolean;
  /** Do not wait for a picture. */
  readonly isBare?: boolean;
};

const IDLE = '.stage-box[data-state="idle"]';

/** Opens the playground in a browser profile of its own. */
export async function openPlayground(browser: Browser, options: OpenOptions): Promise<OpenedPage> {
  const { url, hash = "", width = 1280, height = 860, scheme = "light", isPhone = false } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    permissions: ["clipboard-read", "clipboard-write"],
    ...(isPhone ? { isMobile: true, hasTouch: true } : {}),
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Answers that refuse something are part of some tests, and the browser notes each.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  await page.goto(`${url}/playground${hash}`);
  if (options.isBare !== true) await page.locator(IDLE).waitFor();
  const target = () =>
    page
      .getByRole("textbox", { name: "URL" })
      .inputValue()
      .then((text) => text.replace(url, ""));
  return {
    page,
    complaints,
    target,
    async shows(path) {
      await page.waitForFunction(
        ([end, idle]) =>
          (location.hash === `#${end}` ||
            document.querySelector<HTMLTextAreaElement>(".url-box textarea")?.value.endsWith(`/unsafe${end}`) ===
              true) &&
          document.querySelector(idle ?? "") !== null,
        [path, IDLE],
      );
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Where an element stands once pictures that are still loading no longer move or stretch it. */
export async function settledBox(element: Locator): Promise<Box> {
  let before: Box | null = null;
  for (;;) {
    const box = await element.boundingBox();
    if (box !== null && before !== null && JSON.stringify(box) === JSON.stringify(before)) return box;
    before = box;
    await element.page().waitForTimeout(100);
  }
}

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Natural size of the result that is shown, `300 × 200`. */
export function resultSize(page: Page): Promise<string> {
  return page
    .locator("img.after")
    .evaluate((image: HTMLImageElement) => `${image.naturalWidth} × ${image.naturalHeight}`);
}

/** The caption of a picture that holds these words. */
export function caption(page: Page, words: string): Locator {
  return page.locator("figcaption", { hasText: words });
}
