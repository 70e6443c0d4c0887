import { type Purpose, sensingPurposes } from "../edge-agent/contract/words.ts";

/**
 * What a made-up person of the demonstration does: pairs a bedside screen with the code that they were given and touches
 * "Turn on" for each purpose, at the very door that a real screen uses. There is no other way to turn a sensor on.
 *
 * @param pages where the ward's pages are, such as http://127.0.0.1:8080
 * @throws Error with the page's status where it refuses
 */
export async function touchTurnOn(pages: string, code: string, stay: { bed: string; stay: string }): Promise<void> {
  const headers = { origin: pages };
  const paired = await fetch(`${pages}/pair`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ code }).toString(),
    redirect: "manual",
  });
  const cookie = paired.headers.getSetCookie()[0]?.split(";")[0];
  if (paired.status !== 303 || cookie === undefined) throw new Error(`pairing was answered by ${paired.status}`);
  for (const purpose of sensingPurposes) await touch(pages, { ...headers, cookie }, { ...stay, purpose });
}

async function touch(
  pages: string,
  headers: Readonly<Record<string, string>>,
  on: { readonly bed: string; readonly stay: string; readonly purpose: Purpose },
): Promise<void> {
  const answer = await fetch(`${pages}/asks`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", "x-quietround": "bedside" },
    body: JSON.stringify({ do: "turn-on", ...on }),
  });
  if (!answer.ok) throw new Error(`"Turn on" was answered by ${answer.status}`);
}
