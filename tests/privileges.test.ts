import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { allAsks, exampleOf } from "./ask-examples.ts";
import { askers, type Everybody, enterAsAll } from "./ask-visitors.ts";
import { type DashboardWard, startDashboardWard } from "./dashboard-ward.ts";
import { askRows, liveRows, routeRows } from "./privilege-table.ts";
import { cookieFor, doorOf, letIn, routesOf, visitors } from "./route-visitors.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* The table of who may do what, walked: every route, the live feed and every ask, by everybody who can come. */

describe("the dashboard's doors", () => {
  let ward: DashboardWard;
  beforeAll(async () => {
    ward = await startDashboardWard();
    ward.agent.decideElse = () => ({ is: "done" });
    letIn(ward.agent);
    ward.agent.tell("room-1", bedTileFixtures.calm);
  });
  afterAll(() => ward?.stop());

  it("are all in the table, and the table has no others", () => {
    expect(Object.keys(routeRows).sort()).toEqual(routesOf(ward.app).sort());
  });

  const walked = Object.entries(routeRows).flatMap(([route, row]) => (typeof row === "string" ? [] : [{ route, row }]));
  it.each(walked)("$route", async ({ route, row }) => {
    const [method = "", path = ""] = route.split(" ");
    const met: Record<string, unknown> = {};
    for (const visitor of visitors) {
      // What was sent before may have ended a session.
      letIn(ward.agent);
      const { door, status, to } = await doorOf(ward.app, visitor, method, path);
      const right = row.includes(visitor) ? door === "in" : door !== "in";
      if (!right) met[visitor] = { door, status, to };
    }
    expect(met).toEqual({});
  });

  // Of a server, which has no page: what it brings has to be signed (tests/oidc-sign-in.test.ts).
  const ofServers = "POST /sign-in/oidc/logout";
  it.each(Object.keys(routeRows).filter((route) => route.startsWith("POST ") && route !== ofServers))(
    "%s takes nothing from a page of another server",
    async (route) => {
      const [, path = ""] = route.split(" ");
      for (const foreign of [
        { origin: "https://elsewhere.example" },
        {},
        { origin: "null" },
        { origin: "http://ward.example", "sec-fetch-site": "cross-site" },
      ]) {
        letIn(ward.agent);
        const { door } = await doorOf(ward.app, "in-charge", "POST", path, foreign);
        expect(door).toBe("refused");
      }
    },
  );

  it.each(Object.entries(liveRows))("/live?%s", async (query, row) => {
    for (const visitor of visitors) {
      letIn(ward.agent);
      const socket = new WebSocket(`${ward.url.replace("http", "ws")}/live?${query}`, {
        headers: { cookie: cookieFor(visitor), origin: ward.url },
      });
      const open = await new Promise<boolean>((resolve) => {
        socket.once("open", () => resolve(true));
        socket.once("error", () => resolve(false));
      });
      socket.terminate();
      expect({ visitor, open }).toEqual({ visitor, open: row.includes(visitor) });
    }
  });
});

describe("the agent", () => {
  let ward: RunningWard;
  let everybody: Everybody;
  beforeAll(async () => {
    const simulated = (seed: number) => ({ port: { via: "simulated" as const, seed, scene: "asleep", speed: 1 } });
    ward = await runWard({ sensors: [simulated(1), simulated(2)], bridges: false });
    everybody = await enterAsAll(ward);
  }, 120_000);
  afterAll(() => ward?.stop());

  it("is asked nothing that is not in the table", () => {
    expect(Object.keys(askRows).sort()).toEqual([...allAsks].sort());
  });

  const isRefusal = (answer: { readonly ok: boolean; readonly why?: string }): boolean =>
    !answer.ok && (answer.why === "not-allowed" || answer.why === "not-signed-in");

  it("refuses everybody who has no right to what they ask", async () => {
    for (const [act, row] of Object.entries(askRows)) {
      for (const asker of askers.filter((one) => !row.includes(one))) {
        const answer = await everybody.askAs[asker](exampleOf(act, everybody.known));
        expect({ act, asker, refused: isRefusal(answer) }).toEqual({ act, asker, refused: true });
      }
    }
  });

  it("hears out everybody who has it", async () => {
    const ending = [
      "end-looks",
      "revoke-bedside",
      "end-staff",
      "renew-staff",
      "lock-screen",
      "end-stay",
      "admit",
      "sign-out",
    ];
    for (const [act, row] of Object.entries(askRows).filter(([name]) => !ending.includes(name))) {
      for (const asker of row) {
        const answer = await everybody.askAs[asker](exampleOf(act, everybody.known));
        expect({ act, asker, refused: isRefusal(answer) }).toEqual({ act, asker, refused: false });
      }
    }
    for (const act of ending) {
      const [asker] = askRows[act]?.filter((one) => one !== "nobody") ?? [];
      if (asker === undefined) expect.fail(`nobody may ask ${act}`);
      const answer = await everybody.askAs[asker](exampleOf(act, everybody.known));
      expect({ act, asker, refused: isRefusal(answer) }).toEqual({ act, asker, refused: false });
    }
  });
});
