import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readSessionEvent, SessionHeader, writeEffect } from "../edge-agent/contract/session.ts";
import { replaySession } from "../edge-agent/replay.ts";

const folder = fileURLToPath(new URL("./sessions", import.meta.url));
const sessions = readdirSync(folder).filter((name) => name.endsWith(".session.jsonl"));
const linesOf = (name: string): string[] => readFileSync(`${folder}/${name}`, "utf8").trim().split("\n");

describe("recorded sessions", () => {
  it("are there", () => expect(sessions.length).toBeGreaterThan(0));

  it.each(sessions)("%s replays to exactly the expected effects", (name) => {
    const [first = "", ...events] = linesOf(name);
    const header = SessionHeader.parse(JSON.parse(first));
    const effects: string[] = [];
    // Written down step by step: the core overwrites what it gave to the model.
    for (const step of replaySession(header, events.map(readSessionEvent)))
      effects.push(...step.effects.map(writeEffect));
    expect(effects).toEqual(linesOf(name.replace(".session.", ".expected.")));
  });

  it("of anybody but a synthetic or staged subject are refused", () => {
    const [first = ""] = linesOf(sessions[0] ?? "");
    expect(SessionHeader.safeParse({ ...JSON.parse(first), subject: "patient" }).success).toBe(false);
  });
});
