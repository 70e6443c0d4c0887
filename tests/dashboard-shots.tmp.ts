import { launchBrowser } from "./dashboard-browser.ts";
import { startDashboardWard } from "./dashboard-ward.ts";

const ward = await startDashboardWard({ web: true });
const browser = await launchBrowser();
const page = await browser.newPage();
page.on("console", (m) => console.log("console", m.type(), m.text()));
page.on("pageerror", (e) => console.log("pageerror", e.message));
const list = process.argv.slice(2);
for (const spec of list) {
  const [name, path, w, h] = spec.split(",") as [string, string, string, string];
  await page.setViewportSize({ width: Number(w), height: Number(h) });
  await page.goto(ward.url + path);
  await page.waitForTimeout(500);
  await page.screenshot({ path: `/tmp/shots/${name}.png` });
}
await browser.close();
await ward.stop();
process.exit(0);
