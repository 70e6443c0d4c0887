import type { SoundAsks } from "./alarm-signals/station-sound.ts";
import type { AskAgent } from "./ask.ts";

/** What a station asks the agent about the ward's sound; what the agent decides comes back with the ward's state. */
export function wardSoundAsks(
  ask: AskAgent,
  { inCharge, pauseSec }: { readonly inCharge: boolean; readonly pauseSec: number },
): SoundAsks {
  return {
    pauseMs: pauseSec * 1_000,
    pause: (ms) => void ask({ do: "pause-audio", seconds: Math.round(ms / 1_000) }),
    resume: () => void ask({ do: "audio-on" }),
    off: inCharge ? (reason) => void ask({ do: "audio-off", reason }) : null,
    begin: () => void ask({ do: "test-chain" }),
    heard: (heard) => void ask({ do: "sound-heard", heard }),
  };
}
