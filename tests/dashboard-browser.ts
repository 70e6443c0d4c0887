import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const path = "/usr/bin/chromium";
/** A machine without the browser says so in the name of what it leaves out; CI has it. */
export const haveBrowser = existsSync(path);

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const shots = fileURLToPath(new URL("artefacts/dashboard", import.meta.url));
export const nurseScreen = { width: 1920, height: 1080 };
export const bedsidePanel = { width: 1024, height: 600 };

/** WCAG 2.2 A and AA, as far as axe can tell. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run(where: Document, options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    return (await axe.run(document, { runOnly })).violations;
  });
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

export async function lookAt(page: Page, url: string, name: string, size: typeof nurseScreen): Promise<void> {
  await page.setViewportSize(size);
  await page.goto(url);
  await page.screenshot({ path: `${shots}/${name}.png` });
}

export async function signInAt(page: Page, url: string, code = "nurse-code"): Promise<void> {
  await page.goto(`${url}/sign-in?code=${code}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(code === "lead-code" ? "**/governance" : "**/ward");
}

export async function pairAt(page: Page, url: string): Promise<void> {
  await page.setViewportSize(bedsidePanel);
  await page.goto(`${url}/pair?code=bed-code`);
  await page.getByRole("button", { name: "Pair this screen" }).click();
  await page.waitForURL("**/bedside");
}
