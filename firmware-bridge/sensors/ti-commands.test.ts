import { describe, expect, it } from "vitest";
import type { Heard } from "./sensor.ts";
import { newTextFramer, newTiConversation } from "./ti-commands.ts";

const lines = ["flushCfg", "frameCfg 1", "sensorStart"] as const;
const ascii = new TextEncoder();
const written = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A conversation with what it hears as text of the port, in words. */
function open(resume: string | null = null) {
  const talk = newTiConversation({ resume, lines });
  const framer = newTextFramer();
  const hear = (text: string): string[] =>
    framer
      .push(ascii.encode(text))
      .map(({ head }) => talk.hear(String(head.text)))
      .filter(({ heard }) => heard !== "nothing")
      .map(inWords);
  return { talk, hear };
}
const inWords = (heard: Heard): string =>
  heard.heard === "go-on" ? `> ${written(heard.write).trim()}` : heard.heard === "refused" ? heard.words : heard.heard;

describe("the command line of TI's demos", () => {
  it("is given one line after the other, each after its answer, through echoes, prompts and remarks", () => {
    const { talk, hear } = open();
    expect(written(talk.start())).toBe("flushCfg\n");
    expect(hear("flushCfg\r\n")).toEqual([]);
    expect(hear("Done\r\n\r\nmmwDemo:/>")).toEqual(["> frameCfg 1"]);
    expect(hear("frameCfg 1\nDebug: Init Calibration Status = 0x1ffe\nDo")).toEqual([]);
    expect(hear("ne\nmmwDemo:/>")).toEqual(["> sensorStart"]);
    expect(hear("sensorStart\nDone\n")).toEqual(["started"]);
    expect(hear("mmwDemo:/>Done\n")).toEqual([]);
  });

  it("refuses with its words, whichever way it says so", () => {
    const ways = {
      "Error: Subframe number is invalid\nError -1\n": "flushCfg: Error: Subframe number is invalid",
      "Error -3\n": "flushCfg: Error -3",
      "Error: Invalid usage of the CLI command\n\nmmwDemo:/>": "flushCfg: Error: Invalid usage of the CLI command",
      "'flushCfg' is not recognized as a CLI command\n": "flushCfg: the command is not known to it",
    };
    for (const [text, words] of Object.entries(ways)) {
      const { talk, hear } = open();
      talk.start();
      expect(hear(text)).toEqual([words]);
    }
  });

  it("takes no complaint about noise for its own", () => {
    const { talk, hear } = open();
    talk.start();
    expect(hear("'AT+GCAP' is not recognized as a CLI command\nmmwDemo:/>")).toEqual([]);
    expect(hear("Done\n")).toEqual(["> frameCfg 1"]);
  });

  it("is stopped by its own answer only", () => {
    const { talk, hear } = open();
    talk.start();
    expect(written(talk.stop())).toBe("\nsensorStop\n");
    // To the line that was under way.
    expect(hear("Done\nmmwDemo:/>")).toEqual([]);
    expect(hear("Done\nmmwDemo:/>")).toEqual(["stopped"]);
    talk.stop();
    expect(hear("'xsensorStop' is not recognized as a CLI command\nmmwDemo:/>")).toEqual([]);
    talk.stop();
    // Half a line of somebody else was ended by ours.
    expect(hear("Error: Invalid usage of the CLI command\nError -1\nmmwDemo:/>")).toEqual([]);
  });

  it("is off where it was, with or without a Done behind it", () => {
    const { talk, hear } = open();
    talk.stop();
    expect(hear("sensorStop\nIgnored: Sensor is already stopped\nDone\nmmwDemo:/>")).toEqual(["stopped"]);
    talk.stop();
    expect(hear("sensorStop\nIgnored: Sensor is already stopped\n")).toEqual([]);
    expect(hear("mmwDemo:/>")).toEqual(["stopped"]);
  });

  it("takes up what was stopped, and configures where there is nothing to take up", () => {
    const kept = open("sensorStart 0");
    expect(written(kept.talk.start())).toBe("sensorStart 0\n");
    expect(kept.hear("Done\n")).toEqual(["started"]);
    const fresh = open("sensorStart 0");
    fresh.talk.start();
    expect(fresh.hear("Error: Full configuration must be provided\nError -1\nmmwDemo:/>")).toEqual(["> flushCfg"]);
    expect(fresh.hear("Done\nDone\nError -1\n")).toEqual(["> frameCfg 1", "> sensorStart", "sensorStart: Error -1"]);
  });

  it("tells when the chip began anew: while it ran, and in the middle of a start", () => {
    const banner = `${"*".repeat(40)}\nIWR68xx Demo\n${"*".repeat(40)}\nmmwDemo:/>`;
    const ran = open("sensorStart 0");
    ran.talk.start();
    expect(ran.hear(`Done\n${banner}`)).toEqual(["started", "stopped"]);
    const starting = open();
    starting.talk.start();
    expect(starting.hear(banner)).toEqual(["flushCfg: it began anew"]);
    const stopping = open();
    stopping.talk.stop();
    expect(stopping.hear(banner)).toEqual([]);
  });

  it("keeps a bounded line, without what cannot be printed", () => {
    const framer = newTextFramer();
    for (let k = 0; k < 1_000; k++) expect(framer.push(new Uint8Array(1_000).fill(0x42))).toEqual([]);
    const [long] = framer.push(Uint8Array.of(0x0a));
    expect(String(long?.head.text)).toBe("B".repeat(240));
    const [odd] = framer.push(Uint8Array.of(0x44, 0x00, 0x1b, 0xff, 0x6e, 0x0d, 0x0a));
    expect(odd?.head).toEqual({ text: "D???n" });
    framer.push(ascii.encode("Do"));
    framer.clear();
    expect(framer.push(ascii.encode("ne\n"))[0]?.head).toEqual({ text: "ne" });
  });
});
