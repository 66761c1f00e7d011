import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { type Stand, startStand } from "../http/stand.ts";
import { findBrowser, startBrowser } from "../support/browser.ts";
import { caption, openPlayground, resultSize, settledBox } from "./browser-page.ts";
import { namelessControls, poorContrasts } from "./page-audit.ts";
import { picture, pictureFolder } from "./pictures.ts";

const executable = findBrowser();
const folder = await pictureFolder();
const uploads = mkdtempSync(join(tmpdir(), "uploads-"));
const ENV = {
  IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder.path,
  IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true",
  IMGPROXY_MAX_SRC_FILE_SIZE: "200000",
};
const SOURCE = "/plain/local:///landscape.jpg";
const KEYS = { IMGPROXY_KEY: "7365637265742d6b6579", IMGPROXY_SALT: "7365637265742d73616c74" };

let browser: Browser;
let stand: Stand;
beforeAll(async () => {
  if (executable === undefined) return;
  [browser, stand] = await Promise.all([startBrowser(executable), startStand({ env: ENV })]);
});
afterAll(async () => {
  await browser?.close();
  await stand?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  rmSync(uploads, { recursive: true, force: true });
});

const browserTest = test.if(executable !== undefined);

function openGroups(page: Page): Promise<void> {
  return page.locator(".group").evaluateAll((groups) => {
    for (const group of groups) group.setAttribute("open", "");
  });
}

/** Gives the first control of an option another value than the one it has. */
async function changeSomething(card: Locator): Promise<void> {
  const inputs = card.locator("input:visible");
  const type = await inputs.first().getAttribute("type");
  if (type === "checkbox") await inputs.first().click();
  else if (type === "radio") await card.locator("input:visible:not(:checked)").first().click();
  else if (type === "range") await inputs.first().press("End");
  else if (type === "color") await inputs.last().fill("aabbcc");
  else if (type === "datetime-local") await inputs.first().fill("2099-01-01T00:00");
  else await inputs.first().fill(type === "number" ? "7" : "word");
}

describe("the playground in a browser", () => {
  browserTest("begins with a source of the server, its picture, and what that weighs", async () => {
    await using opened = await openPlayground(browser, { url: stand.url });
    const { page } = opened;
    expect(await opened.target()).toBe(`/unsafe/rs:fit:480:480${SOURCE}@webp`);
    expect(await resultSize(page)).toBe("480 × 320");
    await caption(page, "Original").waitFor();
    expect(await page.locator("#facts").textContent()).toMatch(
      /^SourceJPEG 600 × 400 [\d.]+ kBResultWebP 480 × 320 [\d.]+ kB −\d+ %Time \d/,
    );
    expect(new URL(page.url()).hash).toBe(`#/rs:fit:480:480${SOURCE}@webp`);
    expect(opened.complaints).toEqual([]);
  });

  browserTest("makes the URL of what its controls say, and takes it back", async () => {
    await using opened = await openPlayground(browser, { url: stand.url });
    const { page } = opened;
    await page.getByLabel("fill", { exact: true }).check();
    await page.getByLabel("Resize, width", { exact: true }).fill("300");
    await page.getByLabel("Resize, height", { exact: true }).fill("300");
    await page.getByRole("switch", { name: "Auto rotate" }).uncheck();
    await page.getByLabel("Quality, slider").focus();
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press("ArrowRight");
    await page.getByLabel("png", { exact: true }).first().check();
    await opened.shows(`/rs:fill:300:300/ar:0/q:3${SOURCE}@png`);
    expect(await resultSize(page)).toBe("300 × 300");
    await page.getByRole("button", { name: "Reset Quality" }).click();
    await page.getByRole("button", { name: "Reset Resize" }).click();
    await opened.shows(`/ar:0${SOURCE}@png`);
    expect(await resultSize(page)).toBe("600 × 400");
    expect(opened.complaints).toEqual([]);
  });

  browserTest("has a control for every option, and every control changes the URL", async () => {
    // Without a picture: what all options together would make is of no use, and takes long.
    const path = "/plain/local:///missing.jpg";
    await using opened = await openPlayground(browser, { url: stand.url, hash: `#${path}`, isBare: true });
    const { page } = opened;
    await page.getByRole("alert").waitFor();
    await openGroups(page);
    const cards = await page.locator(".option").all();
    const names: string[] = [];
    for (const card of cards) {
      names.push((await card.locator("code").textContent()) ?? "");
      await changeSomething(card);
    }
    expect(names.length).toBeGreaterThan(25);
    // The format is said by the extension; `resize` with nothing but a type is `rt`.
    const wanted = names.filter((name) => name !== "f").map((name) => (name === "rs" ? "rt" : name));
    await page.waitForFunction((all) => all.every((name) => location.hash.includes(`/${name}:`)), wanted);
    expect(await opened.target()).toMatch(/\.jpg@\w+$/);
    for (const card of cards) await card.getByRole("button", { name: "Reset" }).click();
    await page.waitForFunction((all) => location.hash === `#${all}`, path);
    expect(opened.complaints).toEqual([]);
  });

  browserTest("reads a URL that is pasted or stands in the address bar into the form", async () => {
    await using opened = await openPlayground(browser, { url: stand.url, hash: `#/w:120/bl:3${SOURCE}@jpeg` });
    const { page } = opened;
    expect(await page.getByLabel("Resize, width", { exact: true }).inputValue()).toBe("120");
    expect(await resultSize(page)).toBe("120 × 80");
    const encoded = Buffer.from("local:///more/portrait.png").toString("base64url");
    await page
      .getByLabel("URL", { exact: true })
      .fill(`https://cdn.example.com/wrong/s:90:90/g:fp:0.2:0.7/${encoded}.webp`);
    await opened.shows(`/s:90:90/g:fp:0.2:0.7/${encoded}.webp`);
    expect(await page.getByRole("combobox", { name: "Source" }).inputValue()).toBe("local:///more/portrait.png");
    expect(await page.getByLabel("source in base64").isChecked()).toBe(true);
    expect(await page.getByLabel("Focus point").first().isChecked()).toBe(true);
    expect(await page.locator('[aria-label="Gravity y"]:visible').inputValue()).toBe("0.7");
    expect(await page.getByLabel("Blur", { exact: true }).inputValue()).toBe("");
    expect(opened.complaints).toEqual([]);
  });

  browserTest("moves the position pad and the wipe with the keyboard", async () => {
    await using opened = await openPlayground(browser, { url: stand.url });
    const { page } = opened;
    const gravity = page.getByRole("radiogroup", { name: "Gravity" });
    await gravity.getByLabel("centre").focus();
    await page.keyboard.press("ArrowUp");
    await opened.shows(`/rs:fit:480:480/g:no${SOURCE}@webp`);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight"); // There is nothing to the right of the right column.
    await page.keyboard.press("ArrowDown");
    await opened.shows(`/rs:fit:480:480/g:ea${SOURCE}@webp`);
    expect(
      await gravity.getByLabel("right", { exact: true }).evaluate((radio) => radio === document.activeElement),
    ).toBe(true);
    const wipe = page.getByLabel("Wipe: how much of the left picture is seen");
    await wipe.focus();
    await page.keyboard.press("Home");
    expect(await page.locator(".after-box").evaluate((box) => getComputedStyle(box).clipPath)).toBe(
      "inset(0px 0px 0px 0%)",
    );
    await page.keyboard.press("End");
    expect(await page.locator(".after-box").evaluate((box) => getComputedStyle(box).clipPath)).toBe(
      "inset(0px 0px 0px 100%)",
    );
  });

  browserTest("sets the focus point by a click or the arrow keys, and a crop by dragging", async () => {
    await using opened = await openPlayground(browser, { url: stand.url, hash: `#/rs:fill:100:100${SOURCE}@png` });
    const { page } = opened;
    await caption(page, "Original").waitFor();
    await page.getByLabel("Focus & crop").check();
    const picker = page.locator(".picker");
    await picker.scrollIntoViewIfNeeded();
    const { width, height } = await settledBox(picker);
    expect(width / height).toBeCloseTo(1.5, 1);
    await picker.click({ position: { x: width * 0.25, y: height * 0.5 } });
    await opened.shows(`/rs:fill:100:100/g:fp:0.25:0.5${SOURCE}@png`);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowUp");
    await opened.shows(`/rs:fill:100:100/g:fp:0.26:0.4${SOURCE}@png`);
    await page.getByLabel("Crop area").check();
    const box = await settledBox(picker);
    await page.mouse.move(box.x + width * 0.1, box.y + height * 0.2);
    await page.mouse.down();
    await page.mouse.move(box.x + width * 0.6, box.y + height * 0.7, { steps: 3 });
    await page.mouse.up();
    await page.waitForFunction(() => /\/c:0\.5:0\.5:nowe:0\.1:0\.2\//.test(location.hash));
    await picker.click({ position: { x: width * 0.5, y: height * 0.5 } });
    await opened.shows(`/rs:fill:100:100/g:fp:0.26:0.4${SOURCE}@png`);
    expect(opened.complaints).toEqual([]);
  });

  browserTest("compares side by side, alone, uncompressed and as a difference", async () => {
    await using opened = await openPlayground(browser, { url: stand.url, hash: `#/rs:fill:200:100/q:5${SOURCE}@jpeg` });
    const { page } = opened;
    const before = page.locator("img.before");
    await page.getByLabel("Side by side").check();
    expect(await page.locator("figcaption").allTextContents()).toEqual([
      expect.stringMatching(/^Original JPEG 600 × 400, [\d.]+ k?B$/),
      expect.stringMatching(/^Result JPEG 200 × 100, [\d.]+ k?B$/),
    ]);
    await page.getByLabel("Compare with").selectOption("lossless");
    await caption(page, "Uncompressed").waitFor();
    expect(await before.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(200);
    await page.getByLabel("Difference").check();
    expect(await page.locator(".after-box").evaluate((box) => getComputedStyle(box).mixBlendMode)).toBe("difference");
    // Other pixels need another picture to compare with.
    await page.getByLabel("Resize, width", { exact: true }).fill("150");
    await opened.shows(`/rs:fill:150:100/q:5${SOURCE}@jpeg`);
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>("img.before")?.naturalWidth === 150);
    await page.getByLabel("Result", { exact: true }).check();
    await page.getByLabel("Zoom", { exact: true }).selectOption("4");
    expect(await page.locator("img.after").evaluate((image) => image.clientWidth)).toBe(600);
    expect(await before.isVisible()).toBe(false);
    expect(opened.complaints).toEqual([]);
  });

  browserTest("says what is wrong where it is wrong, and recovers", async () => {
    await using opened = await openPlayground(browser, { url: stand.url });
    const { page } = opened;
    await page.getByLabel("Quality", { exact: true }).fill("500");
    const fault = page.getByRole("alert");
    await fault.waitFor();
    expect(await fault.textContent()).toContain('"q:500": argument 1 (quality) must be a whole number from 0 to 100');
    expect(await page.locator("[data-fault]").getAttribute("data-option")).toBe("quality");
    await page.getByLabel("Quality", { exact: true }).fill("50");
    await opened.shows(`/rs:fit:480:480/q:50${SOURCE}@webp`);
    expect(await fault.isVisible()).toBe(false);
    await page.getByRole("combobox", { name: "Source" }).fill("local:///missing.jpg");
    await fault.getByText("missing.jpg").waitFor();
    await page.getByRole("textbox", { name: "URL" }).fill("http://nothing/here");
    await fault.getByText("nothing follows the signature").waitFor();
    const mistyped = `${stand.url}/unsafe/widht:100/q:50${SOURCE}`;
    await page.getByRole("textbox", { name: "URL" }).fill(mistyped);
    await fault.getByText('unknown option "widht" Did you mean "width"?').waitFor();
    expect(await page.getByRole("textbox", { name: "URL" }).inputValue()).toBe(mistyped);
    expect(await page.locator("[data-fault]").count()).toBe(0);
    await page.getByRole("button", { name: "landscape.jpg" }).click();
    await opened.shows(`/rs:fit:480:480/q:50${SOURCE}@webp`);
    expect(await fault.isVisible()).toBe(false);
    expect(opened.complaints).toEqual([]);
  });

  browserTest("takes a file of the reader's own, by choice or by drop, and refuses a large one", async () => {
    const file = join(uploads, "my picture.png");
    writeFileSync(file, await picture(90, 60, "png"));
    const large = join(uploads, "large.png");
    writeFileSync(large, new Uint8Array(200_001));
    await using opened = await openPlayground(browser, { url: stand.url });
    const { page } = opened;
    await page.getByLabel("Choose a file").setInputFiles(file);
    await opened.shows("/rs:fit:480:480/plain/local:///my%20picture.png@webp");
    expect(await resultSize(page)).toBe("90 × 60");
    await caption(page, "PNG 90 × 60").waitFor();
    await page.getByText("example: a file from this device has no URL").waitFor();
    await page.getByLabel("Resize, width", { exact: true }).fill("45");
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>("img.after")?.naturalWidth === 45);
    await page.getByLabel("Choose a file").setInputFiles(large);
    await page.getByRole("alert").getByText("200 kB are allowed").waitFor();
    const bytes = (await picture(50, 70, "png")).toString("base64");
    await page.evaluate((text) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      transfer.items.add(new File([content], "dropped.png", { type: "image/png" }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, bytes);
    await opened.shows("/rs:fit:45:480/plain/local:///dropped.png@webp");
    await caption(page, "PNG 50 × 70").waitFor();
    expect(opened.complaints).toEqual([]);
  });

  browserTest("races formats, explains, shows the answer, and copies URL and code", async () => {
    await using opened = await openPlayground(browser, { url: stand.url, hash: `#/w:200${SOURCE}@webp` });
    const { page } = opened;
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    expect(await clipboard()).toBe(`${stand.url}/unsafe/w:200${SOURCE}@webp`);
    await page.getByLabel("Language").selectOption("python");
    await page.getByRole("button", { name: "Copy code" }).click();
    expect(await clipboard()).toContain(`print(image_url("/w:200${SOURCE}@webp"))`);

    await page.getByRole("tab", { name: "Code" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.locator('.race-panel[data-state="idle"]').waitFor();
    const racers = await page.locator(".race li").allTextContents();
    expect(racers.map((text) => /^(JPEG|WebP|AVIF|PNG)[\d.]+ k?B[\d.]+ m?s · [−+±]\d+ %/.exec(text)?.[1])).toEqual([
      "JPEG",
      "WebP",
      "AVIF",
      "PNG",
    ]);
    expect(await page.locator(".race li[data-best]").count()).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Use avif" }).click();
    await opened.shows(`/w:200${SOURCE}@avif`);

    await page.getByRole("tab", { name: "Explain" }).click();
    await page.getByText("result    avif 200×133").waitFor();
    expect(await page.locator(".explained dt").allTextContents()).toEqual(["w:200", "@avif"]);
    await page.getByRole("tab", { name: "Answer" }).click();
    expect(await page.getByRole("row", { name: "content-type" }).textContent()).toContain("image/avif");
    expect(opened.complaints).toEqual([]);
  });

  browserTest("signs on the server and never sees the key", async () => {
    await using signed = await startStand({ env: { ...ENV, ...KEYS, IMGPROXY_PATH_PREFIX: "/img" } });
    await using opened = await openPlayground(browser, { url: `${signed.url}/img`, isBare: true });
    const { page } = opened;
    const texts: Promise<string>[] = [];
    page.on("response", (response) => texts.push(response.text().catch(() => "")));
    await page.reload();
    await page.locator('.stage-box[data-state="idle"]').waitFor();
    await page.getByText("signed by the server").waitFor();
    const target = await opened.target();
    expect(target).toMatch(/^\/[\w-]{43}\/rs:fit:480:480\/plain/);
    expect((await signed.get(`/img${target}`)).status).toBe(200);
    await page.getByLabel("Language").selectOption("go");
    expect(await page.locator(".code-panel code").textContent()).toContain("hmac.New(sha256.New, key)");
    const everything = (await Promise.all(texts)).join("");
    expect(everything.length).toBeGreaterThan(10_000);
    for (const word of [...Object.values(KEYS), "secret-key", "secret-salt"]) expect(everything).not.toContain(word);
    expect(opened.complaints).toEqual([]);
  });

  browserTest("asks for the secret where images need one, and sends it", async () => {
    await using closed = await startStand({ env: { ...ENV, IMGPROXY_SECRET: "open sesame" } });
    await using opened = await openPlayground(browser, { url: closed.url, isBare: true });
    const { page } = opened;
    const box = page.getByLabel("Secret (IMGPROXY_SECRET)");
    await box.fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("That secret is not the right one").waitFor();
    await box.fill("open sesame");
    await page.keyboard.press("Enter");
    await page.locator('.stage-box[data-state="idle"]').waitFor();
    expect(await resultSize(page)).toBe("480 × 320");
    expect(opened.complaints).toEqual([]);
  });

  browserTest("finds options by name, short name and description", async () => {
    await using opened = await openPlayground(browser, { url: stand.url });
    const { page } = opened;
    const shown = () =>
      page
        .locator(".option")
        .evaluateAll((cards) =>
          cards.filter((card) => card.checkVisibility()).map((card) => card.getAttribute("data-option")),
        );
    const search = page.getByLabel("Search options");
    await search.fill("gaussian");
    expect(await shown()).toEqual(["blur"]);
    await search.fill("scp");
    expect(await shown()).toEqual(["strip_color_profile"]);
    await search.fill("no such thing");
    await page.getByText("No option is called or described like that").waitFor();
    await search.fill("");
    expect(await shown()).toContain("resize");
    expect(await shown()).not.toContain("blur");
  });

  browserTest.each([
    ["light on a desk", { width: 1280, height: 900, scheme: "light" }],
    ["dark on a desk", { width: 1280, height: 900, scheme: "dark" }],
    ["light on a phone", { width: 390, height: 844, scheme: "light", isPhone: true }],
    ["dark on a small phone", { width: 360, height: 640, scheme: "dark", isPhone: true }],
  ] as const)("can be read and named everywhere, %s", async (_, look) => {
    await using opened = await openPlayground(browser, {
      url: stand.url,
      hash: `#/g:no/q:70/ex:1${SOURCE}@webp`,
      ...look,
    });
    const { page } = opened;
    await openGroups(page);
    for (const tab of ["Explain", "Answer", "Formats", "Code"]) {
      await page.getByRole("tab", { name: tab }).click();
      expect(await poorContrasts(page)).toEqual([]);
    }
    await page.getByLabel("Focus & crop").check();
    expect(await namelessControls(page)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(opened.complaints).toEqual([]);
  });
});
