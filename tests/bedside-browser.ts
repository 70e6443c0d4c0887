import { mkdirSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import sharp from "sharp";
import { shots } from "./dashboard-browser.ts";

/* What the tests of the screen at a bed have in common: two panels with touch, and eyes. */

export const panels = [
  { name: "7 inch", width: 800, height: 480 },
  { name: "10 inch", width: 1280, height: 800 },
] as const;

export interface TouchScreen {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page or its console complained about, and requests to other machines. */
  readonly complaints: string[];
}

export async function touchScreen(
  browser: Browser,
  url: string,
  { width, height }: { readonly width: number; readonly height: number },
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<TouchScreen> {
  mkdirSync(shots, { recursive: true });
  const context = await browser.newContext({ viewport: { width, height }, hasTouch: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) complaints.push(`request to ${request.url()}`);
  });
  return { context, page, complaints };
}

export async function pairScreen(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/pair?code=bed-code`);
  await page.getByRole("button", { name: "Pair this screen" }).tap();
  await page.waitForURL("**/bedside");
}

/** WCAG 2.2 relative luminance, 0 black to 1 white, as the mean over a picture's pixels. */
export async function meanLuminance(png: Buffer): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const linear = Float64Array.from({ length: 256 }, (_, value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  let sum = 0;
  for (let at = 0; at < data.length; at += 3) {
    sum += 0.2126 * (linear[data[at] ?? 0] ?? 0);
    sum += 0.7152 * (linear[data[at + 1] ?? 0] ?? 0);
    sum += 0.0722 * (linear[data[at + 2] ?? 0] ?? 0);
  }
  return sum / (info.width * info.height);
}

export interface Target {
  readonly words: string;
  readonly width: number;
  readonly height: number;
  readonly look: readonly string[];
}

/** Everything that can be touched, with its size in CSS px and how it looks. */
export function targetsOf(page: Page): Promise<Target[]> {
  return page
    .locator("button:visible, a:visible, textarea:visible, input:visible, summary:visible")
    .evaluateAll((elements) =>
      elements.map((element) => {
        const { width, height } = element.getBoundingClientRect();
        const { backgroundColor, borderColor, color, fontSize, fontWeight } = getComputedStyle(element);
        const words = (element.textContent ?? "").trim();
        return {
          words,
          width: Math.round(width),
          height: Math.round(height),
          look: [backgroundColor, borderColor, color, fontSize, fontWeight],
        };
      }),
    );
}

/** How much wider than the screen the page is; at most 0. */
export const overflowPx = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
