/**
 * Calls `work` once for everything that asked for it meanwhile: a second's news of twenty beds comes as twenty messages, and to draw a
 * board for each would hold up the last by as many drawings. By a message to itself, because browsers slow the timers of a page that
 * nobody sees down to one a second, and an alarm may not wait for that.
 */
export function soon(work: () => void): () => void {
  const { port1, port2 } = new MessageChannel();
  let due = false;
  port1.onmessage = () => {
    due = false;
    work();
  };
  return () => {
    if (due) return;
    due = true;
    port2.postMessage(null);
  };
}
