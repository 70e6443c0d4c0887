import "../edge-agent/platform/node-version.ts";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { outcomeFixtures } from "../dashboard/web/components/alarm-outcome/fixtures.ts";
import { type BedTileFixture, bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import type { TileChecks } from "../edge-agent/contract/checks.ts";
import type { StoreRow } from "../edge-agent/contract/door.ts";
import { alarm, consent, intent, stay } from "../edge-agent/records/records-for-tests.ts";
import { launchBrowser, signInAt } from "../tests/dashboard-browser.ts";
import { type DashboardWard, startDashboardWard } from "../tests/dashboard-ward.ts";
import { readArguments } from "./read-arguments.ts";

/* The pictures of docs/nurse-station.md: the real pages over made-up rooms. Again after each change of how they look. */

const usage = `npm run docs:pictures -- [--out FOLDER]

Draws the pictures of docs/nurse-station.md anew, with Chromium, into FOLDER (docs/pictures).
`;
const { out } = readArguments(
  usage,
  { out: { type: "string", default: fileURLToPath(new URL("../docs/pictures", import.meta.url)) } },
  process.argv.slice(2),
);

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const now = Date.now();
const checks = (change: Partial<TileChecks> = {}): TileChecks => ({
  state: "not-yet",
  dueUtcMs: now + 12 * minuteMs,
  missedInARow: 0,
  escalation: 0,
  level: "intermittent-low",
  everyMinutes: 30,
  reviewDue: false,
  lastMade: { atUtcMs: now - 9 * minuteMs, by: "Sam Reed", where: "in-bed", how: "asleep-breathing-seen" },
  ...change,
});
const due: Partial<TileChecks> = { state: "due", dueUtcMs: now + 2 * minuteMs };
const rooms: readonly (readonly [BedTileFixture, TileChecks | null])[] = [
  ["calm", checks()],
  ["moving", checks({ dueUtcMs: now + 21 * minuteMs })],
  ["off", checks(due)],
  ["alarm", checks()],
  ["calm", checks({ dueUtcMs: now + 17 * minuteMs })],
  ["notMonitored", checks({ dueUtcMs: now + 8 * minuteMs })],
  ["vacant", null],
  ["calm", checks({ dueUtcMs: now + 25 * minuteMs })],
];

/** Of the first rooms, as the records know them. */
const people = [
  { id: "p1", label: "A.B." },
  { id: "p2", label: "Q.R." },
];

function fill(ward: DashboardWard): void {
  for (const [n, [fixture, made]] of rooms.entries()) {
    const tile = bedTileFixtures[fixture];
    const alarms = tile.alarms.map((one) => ({ ...one, id: `room-${n + 1}-${one.id}`, raisedAt: now - 42_000 }));
    const person = people[n];
    const stayOf = person === undefined ? {} : { stay: { ...person, demonstration: false } };
    ward.agent.tell(`room-${n + 1}`, { ...tile, ...stayOf, alarms, checks: made });
  }
}

/** A night of two people. */
function remember({ records }: DashboardWard): void {
  const ago = (ms: number) => ({ utcMs: now - ms, monoNs: BigInt(Math.round(100 * hourMs - ms)) * 1_000_000n });
  const admitted = (id: string, bed: string, label: string): StoreRow =>
    ({ ...stay(id), bed, label, startedAtUtcMs: now - 30 * hourMs }) as StoreRow;
  const seen = (id: string, of: string, atMs: number, concern: string | null = null): StoreRow => ({
    table: "check",
    check: {
      id,
      stay: of,
      level: "intermittent-low",
      by: { id: "n1", name: "Sam Reed" },
      seenUtcMs: now - atMs,
      recordedUtcMs: now - atMs,
      seen: { where: "in-bed", how: "asleep-breathing-seen", engagement: "asleep", concern },
      retrospective: null,
      supersedes: null,
    },
  });
  records.commit([], [admitted("p1", "room-1", "A.B."), admitted("p2", "room-2", "Q.R.")], ago(30 * hourMs));
  records.commit([], [consent("p1", "movement-alerts", "offered")], ago(29 * hourMs));
  const raisedAtUtcMs = now - 3 * hourMs;
  const wentAt = { name: "Sam Reed", atUtcMs: raisedAtUtcMs + 20_000 };
  const helped = { is: "helped", falseBecause: null, name: "Sam Reed", atUtcMs: raisedAtUtcMs + 300_000 } as const;
  const fall = {
    condition: "on-floor",
    priority: "high",
    presence: "off",
    acknowledged: wentAt,
    outcome: helped,
  } as const;
  const row = alarm({ ...fall, stay: "p1", raisedAtUtcMs, clearedAtUtcMs: raisedAtUtcMs + minuteMs });
  records.commit([intent("alert.raise")], [row], ago(3 * hourMs));
  records.commit([], [seen("c1", "p1", 5 * hourMs), seen("c2", "p1", 4 * hourMs)], ago(4 * hourMs));
  records.commit([], [seen("c3", "p2", 2 * hourMs, "Said she feels sick")], ago(2 * hourMs));
}

async function main(): Promise<void> {
  const ward = await startDashboardWard({ web: true, beds: rooms.length });
  let browser: Browser | undefined;
  try {
    remember(ward);
    fill(ward);
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: { width: 1_600, height: 900 } });
    const page = await context.newPage();
    await signInAt(page, ward.url);
    await page.goto(`${ward.url}/ward`);
    await page.locator(".qr-alert").first().waitFor();
    await turnSoundOn(page);
    await keep(page, "station-board");

    ward.agent.tell("room-4", { ...outcomeFixtures.one, checks: checks() });
    await page.locator(".qr-outcome").waitFor();
    await save(await page.locator(".qr-outcome").screenshot(), "station-outcome");

    await page.setViewportSize({ width: 1_280, height: 760 });
    await page.goto(`${ward.url}/person/room-3/check`);
    await page.getByText("What did you see?").waitFor();
    await keep(page, "station-check");
    await page.goto(`${ward.url}/handover`);
    await page.getByRole("heading", { name: "Handover" }).waitFor();
    await keep(page, "station-handover");

    fill(ward);
    await page.setViewportSize({ width: 390, height: 760 });
    await page.goto(`${ward.url}/ward`);
    await page.locator(".qr-thumb__go").waitFor();
    await turnSoundOn(page);
    await keep(page, "station-phone");
  } finally {
    await browser?.close();
    await ward.stop();
  }
}

async function turnSoundOn(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Touch here to turn the sound on" });
  await button.click();
  await button.waitFor({ state: "hidden" });
}

const keep = async (page: Page, name: string): Promise<void> => save(await page.screenshot(), name);

async function save(picture: Buffer, name: string): Promise<void> {
  const file = `${out}/${name}.png`;
  // The pages have few colours: a palette makes a third of the bytes.
  const { size } = await sharp(picture).png({ palette: true, effort: 10 }).toFile(file);
  process.stdout.write(`${file}  ${Math.round(size / 1_024)} KB\n`);
}

await main();
process.exit(0);
