/* How hard an English text is. A rough measure: it finds long words and long sentences, not bad ones. */

export function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.?!])\s+/)
    .map((one) => one.trim())
    .filter((one) => /\p{L}/u.test(one));
}

export const wordsIn = (sentence: string): readonly string[] => sentence.match(/\p{L}[\p{L}’'-]*|\d+/gu) ?? [];

/** Groups of vowels, less a silent e at the end; at least one. */
export function syllablesIn(word: string): number {
  const letters = word.toLowerCase().replace(/[^a-z]/g, "");
  // "turned" and "names" say no syllable more than "turn" and "name"; "counted", "pages" and "table" do.
  const spoken = letters
    .replace(/(?<=[^td])ed$/, "")
    .replace(/(?<=[aeiouy][^aeiouy]*[^aeiouysxzcgh])es$/, "")
    .replace(/(?<=[aeiouy].*)(?<![^aeiouy]l)e$/, "");
  return Math.max(1, (spoken.match(/[aeiouy]+/g) ?? []).length);
}

/** Flesch-Kincaid grade level (Kincaid et al. 1975): years of school in the United States. */
export function gradeOf(texts: readonly string[]): number {
  const sentences = texts.flatMap(sentencesOf);
  const words = sentences.flatMap(wordsIn);
  const syllables = words.reduce((sum, word) => sum + syllablesIn(word), 0);
  return 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
}
