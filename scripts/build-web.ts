import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "sass";
import { signalStyles } from "./signal-styles.ts";
import { copyFonts } from "./web-fonts.ts";

/*
 * npm run build:web: styles and scripts of the pages, from dashboard/web into dashboard/web/built. Same sources, same bytes.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const web = join(root, "dashboard/web");
const entries = [
  "ward",
  "person",
  "bedside",
  "bedside-page",
  "bedside-problem",
  "bedside-worker",
  "pair",
  "print",
  "set-up",
  "demo",
];

/** Builds into `outDir`, which is made where it is missing. Throws where a source is wrong. */
export async function buildWeb(outDir: string): Promise<void> {
  mkdirSync(outDir, { recursive: true });
  const { css } = compile(join(web, "styles/quietround.scss"), {
    loadPaths: [join(root, "node_modules")],
    style: "compressed",
    functions: signalStyles,
    // nhsuk-frontend's own deprecations are not ours to mend.
    quietDeps: true,
  });
  const calls = css.match(/url\(\s*["']?(?:https?:)?\/\/[^)]*\)/g);
  if (calls !== null) throw new Error(`the styles call another machine: ${calls.join(", ")}`);
  writeFileSync(join(outDir, "quietround.css"), css);
  copyFileSync(join(web, "icon.svg"), join(outDir, "icon.svg"));
  copyFonts(root, outDir);
  // What a site added: recordings and films of the bedside pages.
  const media = join(web, "media");
  if (existsSync(media)) cpSync(media, join(outDir, "media"), { recursive: true });
  await build({
    entryPoints: entries.map((name) => join(web, `entries/${name}.ts`)),
    outdir: outDir,
    bundle: true,
    format: "esm",
    target: "es2023",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
}

if (import.meta.main) {
  const outDir = join(web, "built");
  const startedAt = performance.now();
  await buildWeb(outDir);
  const sizes = [...entries.map((name) => `${name}.js`), "quietround.css"].map(
    (file) => `${file} ${Math.ceil(readFileSync(join(outDir, file)).length / 1_024)} KB`,
  );
  process.stdout.write(`built in ${Math.round(performance.now() - startedAt)} ms: ${sizes.join(", ")}\n`);
}
