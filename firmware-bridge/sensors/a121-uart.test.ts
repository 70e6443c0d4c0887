import type { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../edge-agent/platform/clock.ts";
import { haveSocat, newCable } from "../../tests/pseudo-terminal.ts";
import type { SensorLine } from "../line-parts.ts";
import { readScene } from "../ports/scene-file.ts";
import { newSerialPort } from "../ports/serial.ts";
import { newSensorLine } from "../sensor-line.ts";
import { standIns } from "../simulator/stand-ins.ts";
import { encodeLine } from "./a121-encode.ts";
import { acconeerA121 } from "./acconeer-a121.ts";

/* An XM125 on its UART: its server names the most that the UART can, and changes its rate when told to. */

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

/** @returns what it was told, a command each */
function uartServer(wire: Socket, maxBaudrate: number, told: { cmd: string; baudrate?: number }[]): void {
  const standIn = standIns["acconeer-a121"](readScene("asleep"), 1);
  let rest = "";
  wire.on("data", (bytes) => {
    rest += bytes.toString();
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const command = JSON.parse(line);
      told.push(command);
      const info = { rss_version: "a121-v1.10.0", sensor: "a121", ticks_per_second: 1_000_000, hw: "xm125" };
      if (command.cmd === "get_system_info") {
        wire.write(encodeLine({ status: "ok", system_info: { ...info, max_baudrate: maxBaudrate } }));
      } else if (command.cmd === "set_uart_baudrate") wire.write(encodeLine({ status: "ok", message: "set baudrate" }));
      else for (const answer of standIn.take(Buffer.from(`${line}\n`), performance.now())) wire.write(answer);
    }
  });
  const timer = setInterval(() => {
    for (const frame of standIn.due(performance.now())) wire.write(frame);
  }, 10);
  wire.on("close", () => clearInterval(timer));
}

async function lineTo(maxBaudrate: number, fixedRate = false) {
  const told: { cmd: string; baudrate?: number }[] = [];
  const cable = await newCable((wire) => uartServer(wire, maxBaudrate, told));
  undo.push(() => cable.remove());
  await cable.plug();
  const rates: number[] = [];
  const frames: number[] = [];
  const line: SensorLine = newSensorLine({
    sensor: acconeerA121,
    newPort: () => {
      const { setBaudRate, ...port } = newSerialPort({
        data: { path: cable.path, baudRate: 115_200, breakFirst: true },
      });
      if (fixedRate || setBaudRate === undefined) return port;
      return {
        ...port,
        setBaudRate: (baudRate) => {
          rates.push(baudRate);
          return setBaudRate(baudRate);
        },
      };
    },
    clock: systemClock,
    mayPass: () => true,
    onFrame: (header) => frames.push(header.sequence),
    onChange: () => {},
    random: () => 0,
  });
  undo.push(() => line.stop());
  line.start(new AbortController().signal);
  await vi.waitFor(() => expect(line.state).toBe("off"), { timeout: 8_000 });
  line.wish("on");
  return { line, told, rates, frames };
}
const within = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 8_000, interval: 20 });

describe.skipIf(!haveSocat)("an A121 on a UART", () => {
  it("is raised to a rate that carries its frames before it is set up, once a connection", {
    timeout: 20_000,
  }, async () => {
    const { line, told, rates, frames } = await lineTo(2_000_000);
    await within(() => expect(frames.length).toBeGreaterThan(10));
    line.wish("off");
    await within(() => expect(line.state).toBe("off"));
    line.wish("on");
    await within(() => expect(line.state).toBe("on"));
    expect(told.map(({ cmd }) => cmd)).toEqual([
      "stop_streaming",
      "get_system_info",
      "set_uart_baudrate",
      "setup",
      "start_streaming",
      "stop_streaming",
      "get_system_info",
      "setup",
      "start_streaming",
    ]);
    expect([told[2]?.baudrate, rates]).toEqual([921_600, [921_600]]);
  });

  it("whose UART cannot carry them is refused with words", { timeout: 20_000 }, async () => {
    const { line, told } = await lineTo(115_200);
    await within(() => expect(line.state).toBe("lost"));
    expect(line.detail).toContain("its UART reaches 115200 baud; 308800 are needed: use USB or TCP");
    expect(told.map(({ cmd }) => cmd)).not.toContain("setup");
  });

  it("behind a way whose rate is fixed is lost with words", { timeout: 20_000 }, async () => {
    const { line } = await lineTo(2_000_000, true);
    await within(() => expect(line.state).toBe("lost"));
    expect(line.detail).toContain("the sensor needs 921600 baud, and the way to it cannot change its rate");
  });
});
