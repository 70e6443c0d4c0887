const lookEveryMs = 1_000;
const endWithinMs = 4_000;

/** What a child says to its supervisor once a second. It comes from the event loop: no word means that the loop hangs. */
export const aliveMessage = "alive";

/**
 * A child that outlived its supervisor would go on sensing with nobody to stop it. Calls `onEnd` once when the parent is
 * gone, however it went (SIGKILL too): the IPC channel closes, or this process has another parent. A clean end gets
 * 4 s; then the process ends anyway. Until then the parent hears `aliveMessage` each second, where there is an IPC channel.
 * Does nothing that keeps the process alive.
 */
export function endWithParent(onEnd: () => void): void {
  const parent = process.ppid;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    setTimeout(() => process.exit(1), endWithinMs).unref();
    onEnd();
  };
  const sayAlive = newHeartbeat();
  const timer = setInterval(() => {
    if (process.ppid !== parent) end();
    if (process.connected) sayAlive();
    else if (ended) clearInterval(timer);
  }, lookEveryMs);
  timer.unref();
  // Standard input is not looked at: under a service manager it is /dev/null and ends at once.
  if (process.channel !== undefined) {
    process.once("disconnect", end);
    process.channel?.unref();
  }
}

/**
 * The first word comes after the first second of the loop, so that what a process does before its loop turns (reading a
 * long log) does not look like a hang. A word that the parent has not taken is not followed by another.
 */
function newHeartbeat(): () => void {
  let waiting = false;
  return () => {
    if (waiting || process.send === undefined) return;
    waiting = true;
    // A parent that goes at this moment shows as `disconnect`; the error says no more.
    process.send(aliveMessage, undefined, {}, () => {
      waiting = false;
    });
  };
}
