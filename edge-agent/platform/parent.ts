const lookEveryMs = 1_000;
const endWithinMs = 4_000;

/**
 * A child that outlived its supervisor would go on sensing with nobody to stop it. Calls `onEnd` once when the parent is
 * gone, however it went (SIGKILL too): the IPC channel closes, or this process has another parent. A clean end gets
 * 4 s; then the process ends anyway. Does nothing that keeps the process alive.
 */
export function endWithParent(onEnd: () => void): void {
  const parent = process.ppid;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    setTimeout(() => process.exit(1), endWithinMs).unref();
    onEnd();
  };
  const timer = setInterval(() => {
    if (process.ppid !== parent) end();
  }, lookEveryMs);
  timer.unref();
  // Standard input is not looked at: under a service manager it is /dev/null and ends at once.
  if (process.channel !== undefined) {
    process.once("disconnect", end);
    process.channel?.unref();
  }
}
