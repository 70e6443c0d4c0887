/**
 * Sets every flash of one rate to one beat. Two alarms that came up a quarter of a second apart would otherwise flash in turns, and
 * the screen twice as often as either (WCAG 2.3.1 counts the screen).
 */
export function keepFlashInStep(page: Document): void {
  for (const animation of page.getAnimations()) {
    if (!(animation instanceof CSSAnimation) || !animation.animationName.startsWith("qr-flash-")) continue;
    if (animation.startTime !== 0) animation.startTime = 0;
  }
}
