import { expect, it } from "vitest";
import { soon } from "./soon.ts";

it("works once for all that asked in the same turn, after it, and again for who asks later", async () => {
  let works = 0;
  const ask = soon(() => {
    works += 1;
  });
  for (let n = 0; n < 20; n += 1) ask();
  expect(works).toBe(0);
  await expect.poll(() => works).toBe(1);
  ask();
  await expect.poll(() => works).toBe(2);
});
