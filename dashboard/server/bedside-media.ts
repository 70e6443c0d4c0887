import { existsSync } from "node:fs";
import { join } from "node:path";

/*
 * What a site may add to the bedside pages: a recording for each page where a panel has no voice of its own, and a film in sign
 * language beside the explanation. Files in dashboard/web/media/<language>/, which building the pages copies
 * (docs/translating.md). Where a file is missing nothing is offered.
 */
export interface BedsideMedia {
  /** Addresses on this server. */
  readonly recording: string | null;
  readonly signedFilm: string | null;
}

const films = ["mp4", "webm"];

/** @param page the last part of the page's path; "bedside" for the screen itself */
export function mediaFor(builtDir: string, language: string, page: string): BedsideMedia {
  const there = (name: string): string | null =>
    existsSync(join(builtDir, "media", language, name)) ? `/built/media/${language}/${name}` : null;
  return {
    recording: there(`${page}.mp3`),
    signedFilm: films.map((kind) => there(`${page}-signed.${kind}`)).find((film) => film !== null) ?? null,
  };
}
