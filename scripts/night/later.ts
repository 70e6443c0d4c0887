/** What is to be done at a moment of the night, in order. */
export class Later {
  private readonly due: { readonly atMs: number; readonly act: () => void }[] = [];

  at(atMs: number, act: () => void): void {
    let place = this.due.length;
    while (place > 0 && this.due[place - 1]!.atMs > atMs) place--;
    this.due.splice(place, 0, { atMs, act });
  }

  run(nowMs: number): void {
    for (let first = this.due[0]; first !== undefined && first.atMs <= nowMs; first = this.due[0]) {
      this.due.shift();
      first.act();
    }
  }
}
