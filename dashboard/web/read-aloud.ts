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
 * Makes the page's button read out what stands in `main`, with the browser's own speech; without a voice for the language, with the
 * site's recording of the page; without either there is no button.
 */
export function offerReading(button: HTMLElement, main: HTMLElement): void {
  const { lang } = document.documentElement;
  const speech = "speechSynthesis" in globalThis ? globalThis.speechSynthesis : undefined;
  const voice = (): SpeechSynthesisVoice | undefined => voiceFor(speech?.getVoices() ?? [], lang);
  const { recording } = button.dataset;
  const sound = recording === undefined ? undefined : new Audio(recording);
  const show = (): void => {
    button.hidden = voice() === undefined && sound === undefined;
  };
  const tell = (reading: boolean): void => {
    const words = button.querySelector("span");
    if (words !== null) words.textContent = (reading ? button.dataset.stop : button.dataset.read) ?? "";
    button.setAttribute("aria-pressed", String(reading));
  };
  const stop = (): void => {
    speech?.cancel();
    sound?.pause();
  };
  button.addEventListener("click", () => {
    const wasReading = button.getAttribute("aria-pressed") === "true";
    stop();
    tell(!wasReading);
    if (wasReading) return;
    const own = voice();
    if (speech !== undefined && own !== undefined) readOut(speech, own, linesOf(main), () => tell(false));
    else if (sound !== undefined) {
      sound.currentTime = 0;
      sound.play().catch(() => tell(false));
    }
  });
  sound?.addEventListener("ended", () => tell(false));
  // What was read out before the page was left would go on.
  addEventListener("pagehide", stop);
  speech?.addEventListener?.("voiceschanged", show);
  show();
}

function readOut(
  speech: SpeechSynthesis,
  voice: SpeechSynthesisVoice,
  sentences: readonly string[],
  onEnd: () => void,
): void {
  for (const [index, sentence] of sentences.entries()) {
    const said = new SpeechSynthesisUtterance(sentence);
    said.lang = document.documentElement.lang;
    said.voice = voice;
    said.rate = 0.9;
    if (index === sentences.length - 1) said.onend = onEnd;
    speech.speak(said);
  }
}
