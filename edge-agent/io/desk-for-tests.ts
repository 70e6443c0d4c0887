import { randomUUID } from "node:crypto";
import type { Answer, Ask, AskResult } from "../contract/asks.ts";
import type { OidcConfig } from "../contract/oidc.ts";
import { at, logOptionsOf, scratchFolder } from "../records/records-for-tests.ts";
import { WardRecords } from "../records/ward.ts";
import { AskDesk } from "./ask-desk.ts";
import type { WardDesk } from "./ward-desk.ts";

/* For the tests of signing in: a desk over records of its own, and a clock that the test moves. */

export const hourMs = 3_600_000;
export const shiftMs = 12 * hourMs;
export const idleLockMs = 5 * 60_000;
export const password = "teapot lantern gravel";
export const pin = "802739";

export function startDesk({ oidc = null }: { readonly oidc?: OidcConfig | null } = {}) {
  const folder = scratchFolder();
  const path = `${folder.path}/ward.sqlite`;
  const records = new WardRecords(path, logOptionsOf());
  records.start();
  const clock = { ms: 0 };
  const waiting = new Map<string, (answer: Answer) => void>();
  const reachedRooms: string[] = [];
  const newDesk = (): AskDesk => {
    const desk: AskDesk = new AskDesk({
      records,
      stamp: () => at(clock.ms),
      beds: ["room-1", "room-2"],
      ward: { decide: () => undefined } as unknown as WardDesk,
      whatIf: () => undefined,
      onShown: () => {},
      codeSignsIn: false,
      shiftMs,
      oidc,
      idleLockMs,
      agencyDaysMax: 14,
      toRoom: (_bed, { request, actor }) => {
        reachedRooms.push(actor.kind === "staff" ? actor.name : actor.kind);
        desk.answer({ kind: "answer", request, ok: true, result: { is: "done" } });
      },
      send: (_client, answer) => waiting.get(answer.id)?.(answer),
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
    return desk;
  };
  let desk = newDesk();
  const askFrom = (client: string, ask: Ask["ask"], session: string | null): Promise<Answer> =>
    new Promise((resolve) => {
      const id = randomUUID();
      waiting.set(id, resolve);
      desk.receive(client, Buffer.from(JSON.stringify({ v: 1, id, session, ask })));
    });
  const setUp = async (ask: Ask["ask"]): Promise<AskResult> => {
    const answer = await askFrom("admin", ask, null);
    if (!answer.ok) throw new Error(`${ask.do}: ${answer.words}`);
    return answer.result;
  };
  const page = (ask: Ask["ask"], session: string | null = null) => askFrom("dashboard", ask, session);
  const signedIn = (answer: Answer) => {
    if (!answer.ok || answer.result.is !== "staff") throw new Error(answer.ok ? answer.result.is : answer.words);
    const { session, station, id } = answer.result;
    if (session === null || station === undefined) throw new Error("no session");
    return { session, station, id };
  };
  return {
    clock,
    records,
    path,
    reachedRooms,
    setUp,
    page,
    signedIn,
    /** The agent starts again over the same records. */
    restart: () => {
      desk = newDesk();
    },
    /** An account that its person has started. */
    async account(name: string, badge: string, role: "nurse" | "nurse-in-charge" | "engineer" = "nurse") {
      const made = await setUp({ do: "add-staff", badge, name, role, agency: false, untilUtcMs: null });
      if (made.is !== "code") throw new Error(made.is);
      const { code } = made;
      return signedIn(await page({ do: "start-account", code, badge, name: null, password, pin, station: null }));
    },
    passwordAt: (badge: string, station: string | null = null, tried = password) =>
      page({ do: "sign-in-password", badge, password: tried, station }),
    pinAt: (badge: string, station: string | null, tried = pin, session: string | null = null) =>
      page({ do: "sign-in-pin", badge, pin: tried, station }, session),
    stop() {
      records.close();
      folder.done();
    },
  };
}
