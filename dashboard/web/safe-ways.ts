import { part } from "./part.ts";

/*
 * Where the ward computer is away, a link or a form would leave the browser's own error page on the screen by the bed: a bright
 * white one, in the middle of the night, without a way back. So nothing is left before the computer was heard.
 */

const hearWithinMs = 3_000;
const toldMs = 15_000;

async function isReachable(): Promise<boolean> {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(hearWithinMs) })).ok;
  } catch {
    return false;
  }
}

/** True: the page is on its way. */
export async function goTo(path: string): Promise<boolean> {
  const there = await isReachable();
  if (there) location.assign(path);
  return there;
}

/** Words that the person typed stay where they are until they can be sent. */
export function guardWays(): void {
  const told = part("reach");
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const tell = (words: string): void => {
    clearTimeout(hiding);
    const place = told.querySelector("span");
    if (place !== null) place.textContent = words;
    told.hidden = false;
    hiding = setTimeout(() => {
      told.hidden = true;
    }, toldMs);
  };
  const checked = new WeakSet<HTMLFormElement>();
  let asking = false;
  const ifReachable = (then: () => void, words: string | undefined): void => {
    if (asking) return;
    asking = true;
    void isReachable().then((there) => {
      asking = false;
      if (there) then();
      else tell(words ?? "");
    });
  };
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.origin !== location.origin) return;
    event.preventDefault();
    ifReachable(() => location.assign(link.href), told.dataset.now);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || checked.delete(form)) return;
    event.preventDefault();
    const words = form.querySelector("textarea") === null ? told.dataset.now : told.dataset.send;
    ifReachable(() => {
      checked.add(form);
      form.requestSubmit(event.submitter);
    }, words);
  });
}
