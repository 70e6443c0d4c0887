import { expect, test } from "vitest";
import { isSameOrigin } from "./same-origin.ts";

test.each([
  [{ host: "127.0.0.1:8080", origin: "http://127.0.0.1:8080" }, true],
  [{ host: "Ward.Example", origin: "https://ward.example" }, true],
  [{ host: "127.0.0.1:8080", origin: "http://127.0.0.1:8081" }, false],
  [{ host: "127.0.0.1:8080", origin: "http://evil.example" }, false],
  [{ host: "127.0.0.1:8080", origin: "null" }, false],
  [{ host: "127.0.0.1:8080", origin: "ftp://127.0.0.1:8080" }, false],
  [{ host: "127.0.0.1:8080", origin: "http://127.0.0.1:8080.evil.example" }, false],
  [{ host: "127.0.0.1:8080" }, false],
  [{ origin: "http://127.0.0.1:8080" }, false],
])("%j is of this server: %s", (headers, same) => {
  expect(isSameOrigin(headers)).toBe(same);
});
