const reconnectAfterMs = 1_000;

/**
 * Says that a person's page is open on this screen: an entry at its start and end, and meanwhile the sign at their bed is
 * lit. The connection is the opening, so a screen that dies closes it too. Returns what says that the page was closed.
 */
export function openPerson(bed: string): () => void {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  let closed = false;
  let socket: WebSocket | undefined;
  const open = (): void => {
    if (closed) return;
    socket = new WebSocket(`${scheme}//${location.host}/live?as=staff&opens=${encodeURIComponent(bed)}`);
    socket.onclose = () => setTimeout(open, reconnectAfterMs);
  };
  open();
  return () => {
    closed = true;
    socket?.close();
  };
}
