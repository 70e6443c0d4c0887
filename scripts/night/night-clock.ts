/** Seconds of a night, for a person: hours, minutes and seconds since it began. */
export function clock(sec: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  return `${two(sec / 3_600)}:${two((sec / 60) % 60)}:${two(sec % 60)}`;
}
