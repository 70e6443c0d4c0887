/**
 * One signal for "stop now": the first SIGINT, SIGTERM or SIGHUP aborts it, so that everything is undone in order. A second one
 * ends the process where it stands.
 */
export function stopOnSignals(): { readonly signal: AbortSignal; readonly stop: (why: string) => void } {
  const controller = new AbortController();
  const stop = (why: string): void => {
    if (!controller.signal.aborted) controller.abort(why);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      stop(name);
    });
  }
  return { signal: controller.signal, stop };
}
