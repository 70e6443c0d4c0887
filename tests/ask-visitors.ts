import type { Answer, Ask } from "../edge-agent/contract/asks.ts";
import type { StaffRole } from "../edge-agent/contract/words.ts";
import type { Known } from "./ask-examples.ts";
import type { RunningWard } from "./running-ward.ts";

/* Everybody who can ask the agent, each with a session of their own at a ward of real processes. */

export const askers = [
  "nobody",
  "nurse",
  "in-charge",
  "governance",
  "engineer",
  "bedside",
  "other-bedside",
  "advocate",
] as const;
export type Asker = (typeof askers)[number];

const roles: readonly (readonly [Asker, StaffRole])[] = [
  ["nurse", "nurse"],
  ["in-charge", "nurse-in-charge"],
  ["governance", "governance-lead"],
  ["engineer", "engineer"],
];

export interface Everybody {
  readonly known: Known;
  readonly askAs: Readonly<Record<Asker, (ask: Ask["ask"]) => Promise<Answer>>>;
}

/** Of a ward with two beds: a person in each, and an advocate whom the first lets look. */
export async function enterAsAll(ward: RunningWard): Promise<Everybody> {
  const first = await ward.admit("room-1");
  const second = await ward.admit("room-2");
  const tokens = new Map<Asker, string>([
    ["bedside", first.bedside],
    ["other-bedside", second.bedside],
  ]);
  for (const [asker, role] of roles) {
    const invited = await ward.setUp({ do: "invite-staff", name: `Sam ${asker}`, role });
    tokens.set(asker, sessionOf(await ward.ask({ do: "sign-in", code: codeOf(invited) })));
  }
  const staff = await ward.ask({ do: "who-am-i" }, tokens.get("nurse"));
  if (!staff.ok || staff.result.is !== "staff") throw new Error("nobody is signed in");
  const lets = await ward.ask({ do: "let-look", hours: 24 }, first.bedside);
  if (!lets.ok) throw new Error(lets.words);
  tokens.set(
    "advocate",
    sessionOf(await ward.ask({ do: "advocate-in", code: codeOf(lets.result), name: "Jo Advocate" })),
  );
  const askAs = Object.fromEntries(
    askers.map((asker) => [asker, (ask: Ask["ask"]) => ward.ask(ask, tokens.get(asker) ?? null)]),
  ) as Everybody["askAs"];
  const known = { bed: "room-1", stay: first.stay, staff: staff.result.id, beds: ward.site.beds.map(({ bed }) => bed) };
  return { known, askAs };
}

function codeOf(result: { readonly is: string }): string {
  if (!("code" in result) || typeof result.code !== "string") throw new Error(`no code but ${result.is}`);
  return result.code;
}

function sessionOf(answer: Answer): string {
  if (!answer.ok || !("session" in answer.result) || answer.result.session === null) throw new Error("no session");
  return answer.result.session;
}
