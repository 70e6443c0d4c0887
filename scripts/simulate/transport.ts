import type { Random } from "../../firmware-bridge/simulator/random.ts";
import { Later } from "../night/later.ts";

/** `once`: frames, of which some are lost, some come twice, none waits (QoS 0). `surely`: control, which waits for the line and may come twice (QoS 1). */
export type Service = "once" | "surely";

/** Between two parts of the ward. */
export interface Line {
  cut: boolean;
  readonly waiting: (() => void)[];
}
export const newLine = (): Line => ({ cut: false, waiting: [] });

const lost = 0.01;
const twice = 0.02;
const usualMsMax = 40;
const slow = 0.03;
const slowMsMax = 900;

/** The ward's network: late, twice, out of order, lost or cut, as the seed has it. */
export class Transport {
  private readonly later = new Later();
  private readonly random: Random;
  private nowMs = 0;

  constructor(random: Random) {
    this.random = random;
  }

  send(line: Line, service: Service, arrive: () => void): void {
    if (line.cut) {
      if (service === "surely") line.waiting.push(arrive);
      return;
    }
    const { random } = this;
    if (service === "once" && random.chance(lost)) return;
    this.later.at(this.nowMs + this.delayMs(), arrive);
    if (random.chance(twice)) this.later.at(this.nowMs + this.delayMs(), arrive);
  }

  /** What waited comes, in its order. */
  join(line: Line): void {
    line.cut = false;
    for (const arrive of line.waiting.splice(0)) this.send(line, "surely", arrive);
  }

  /** Something of its own accord, in so many ms. */
  after(ms: number, act: () => void): void {
    this.later.at(this.nowMs + ms, act);
  }

  run(nowMs: number): void {
    this.nowMs = nowMs;
    this.later.run(nowMs);
  }

  private delayMs(): number {
    return this.random.between(1, this.random.chance(slow) ? slowMsMax : usualMsMax);
  }
}
