/** So many at once, as a start or a stop brings with it; in the long run one a second. */
const burst = 6;
const everyMs = 1_000;

export interface StatusPace {
  /** Says it now, or once it may: what was not said in between is never said. */
  ask(): void;
  stop(): void;
}

/** Keeps what a sensor has to say from becoming a flood, whatever it does; the newest word is always said in the end. */
export function newStatusPace(monoMs: () => number, say: () => void): StatusPace {
  let left = burst;
  let filledAt = monoMs();
  let timer: NodeJS.Timeout | undefined;
  const fill = (): void => {
    const more = Math.floor((monoMs() - filledAt) / everyMs);
    if (more <= 0) return;
    left = Math.min(burst, left + more);
    filledAt += more * everyMs;
  };
  return {
    ask() {
      if (timer !== undefined) return;
      fill();
      if (left > 0) {
        left -= 1;
        say();
        return;
      }
      timer = setTimeout(
        () => {
          timer = undefined;
          fill();
          left = Math.max(0, left - 1);
          say();
        },
        Math.max(1, filledAt + everyMs - monoMs()),
      );
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
