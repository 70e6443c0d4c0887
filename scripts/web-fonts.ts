import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/*
 * Fonts of every screen and of the bedside screen's languages (SIL Open Font License 1.1, the licence's text beside them): no panel may lack the
 * letters that a person reads, a board fits its wall on every machine, and no page fetches anything from elsewhere. styles/_fonts.scss names
 * the same files.
 */
const fonts: Readonly<Record<string, readonly string[]>> = {
  arimo: ["arimo-latin", "arimo-latin-ext"],
  "noto-sans": ["noto-sans-latin", "noto-sans-latin-ext"],
  "noto-sans-bengali": ["noto-sans-bengali-bengali"],
  "noto-naskh-arabic": ["noto-naskh-arabic-arabic"],
};
const weights = [400, 700];

/** Into `outDir`/fonts. */
export function copyFonts(root: string, outDir: string): void {
  const folder = join(outDir, "fonts");
  mkdirSync(folder, { recursive: true });
  for (const [name, subsets] of Object.entries(fonts)) {
    const from = join(root, "node_modules/@fontsource", name);
    copyFileSync(join(from, "LICENSE"), join(folder, `${name}.LICENSE.txt`));
    for (const subset of subsets) {
      for (const weight of weights) {
        const file = `${subset}-${weight}-normal.woff2`;
        copyFileSync(join(from, "files", file), join(folder, file));
      }
    }
  }
}
