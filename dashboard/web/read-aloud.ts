/** A voice that is on this device: one from a network would be told what the person reads. */
export function voiceFor(voices: readonly SpeechSynthesisVoice[], language: string): SpeechSynthesisVoice | undefined {
  const wanted = language.toLowerCase().split("-")[0];
  return voices.find(({ lang, localService }) => localService && lang.toLowerCase().split(/[-_]/)[0] === wanted);
}

/** What can be seen, heading by heading and line by line; of a list item its own words once. */
function linesOf(main: HTMLElement): string[] {
  return [...main.querySelectorAll<HTMLElement>("h1, h2, p, li, label, button, .qr-way")].flatMap((element) => {
    const hidden = !element.checkVisibility() || element.querySelector("h2, p, li, button") !== null;
    const words = (element.textContent ?? "").replace(/\s+/g, " ").trim();
    return hidden || words === "" ? [] : [words];
  });
}

/**
 * Makes the page's button read out what stands in `main`, with the browser's own speech. Without a voice for the language
 * there is no button.
 */
export function offerReading(button: HTMLElement, main: HTMLElement): void {
  if (!("speechSynthesis" in globalThis)) return;
  const speech = globalThis.speechSynthesis;
  const { lang } = document.documentElement;
  const show = (): void => {
    button.hidden = voiceFor(speech.getVoices(), lang) === undefined;
  };
  const tell = (reading: boolean): void => {
    const words = button.querySelector("span");
    if (words !== null) words.textContent = (reading ? button.dataset.stop : button.dataset.read) ?? "";
    button.setAttribute("aria-pressed", String(reading));
  };
  button.addEventListener("click", () => {
    const wasReading = speech.speaking;
    speech.cancel();
    tell(!wasReading);
    if (wasReading) return;
    const sentences = linesOf(main);
    for (const [index, sentence] of sentences.entries()) {
      const said = new SpeechSynthesisUtterance(sentence);
      said.lang = lang;
      said.voice = voiceFor(speech.getVoices(), lang) ?? null;
      said.rate = 0.9;
      if (index === sentences.length - 1) said.onend = () => tell(false);
      speech.speak(said);
    }
  });
  // What was read out before the page was left would go on.
  addEventListener("pagehide", () => speech.cancel());
  speech.addEventListener?.("voiceschanged", show);
  show();
}
