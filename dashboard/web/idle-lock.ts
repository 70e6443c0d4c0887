import { askAs } from "./ask.ts";

/*
 * Whether anybody is at this screen. Touching it is told to the agent, which decides when the screen is locked; a locked board goes on
 * showing everything it showed, and asks who acts.
 */

const askEveryMsMax = 5_000;

/** @param idleSec how long the site lets a screen be alone. @param onLocked each time it is found locked. */
export function watchIdle(idleSec: number, onLocked: () => void): void {
  const ask = askAs("staff");
  // Often enough that a screen in use never seems alone, seldom enough not to write for each key.
  const everyMs = Math.min(askEveryMsMax, (idleSec * 1_000) / 4);
  let touched = false;
  let locked = false;
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const)
    document.addEventListener(kind, () => (touched = true), { passive: true });
  const found = (): void => {
    locked = true;
    onLocked();
  };
  document.addEventListener("screen-locked", found);

  const look = async (): Promise<void> => {
    const told = await ask({ do: touched && !locked ? "still-here" : "who-am-i" });
    if (!told.ok) return;
    if (told.result.is === "staff" && told.result.locked === true) found();
    else if (told.result.is === "done") touched = false;
  };
  setInterval(() => void look(), everyMs);
}

/** A page of one person, or of setting up: it is not for whoever walks by. */
export function leaveWhenLocked(idleSec: number): void {
  watchIdle(idleSec, () => location.assign(`/ward?back=${encodeURIComponent(location.pathname)}`));
}
