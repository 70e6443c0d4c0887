/* A screen that waits to be paired asks every two seconds whether somebody has typed its code. */

const everyMs = 2_000;

async function ask(): Promise<void> {
  try {
    const answer = await fetch("/pair/screen", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    const told = (await answer.json()) as { paired?: boolean; code?: string };
    if (told.paired === true) location.assign("/bedside");
    const shown = document.getElementById("screen-code");
    if (shown !== null && told.code !== undefined && shown.textContent !== told.code) shown.textContent = told.code;
  } catch {
    // The ward computer is away: the next asking may find it again.
  }
}
setInterval(() => void ask(), everyMs);
