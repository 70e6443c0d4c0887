import { watchIdle } from "./idle-lock.ts";
import { part } from "./part.ts";

/** The board while it is locked: who acts says so here, without a moment without the board. */
export function startLockStrip(): void {
  const strip = document.getElementById("lock");
  if (strip === null) return;
  const form = part("lock-form") as HTMLFormElement;
  // The person's name does not stand there any more as if they were here.
  const onLocked = (): void => {
    if (!strip.hidden) return;
    strip.hidden = false;
    document.querySelector(".qr-top__who")?.replaceChildren("Locked");
    for (const form of document.querySelectorAll("[data-leaves]")) form.remove();
  };
  watchIdle(Number(strip.dataset.idleSec), onLocked);
  // Whoever tried to act is asked here; who types here already goes on.
  document.addEventListener("screen-locked", () => {
    if (!form.contains(document.activeElement)) part("badge").focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void unlock(form);
  });
}

async function unlock(form: HTMLFormElement): Promise<void> {
  const said = part("lock-said");
  said.textContent = "";
  try {
    const answer = await fetch("/badge", {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    const told = (await answer.json()) as { ok?: boolean; to?: string; words?: string };
    if (told.ok === true) return location.assign(told.to ?? "/");
    said.textContent = told.words ?? "That did not work. Try again.";
  } catch {
    said.textContent = "The ward computer did not answer. Try again.";
  }
  (part("secret") as HTMLInputElement).value = "";
  part("secret").focus();
}
