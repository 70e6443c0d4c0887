import { type HashReader, hashBytes } from "./merkle.ts";

/** A growing list of hashes in one flat run of memory: a million entries take 64 MB and not a million small objects. */
export class HashList {
  private bytes = new Uint8Array(1024 * hashBytes);
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(hash: Uint8Array): void {
    if (hash.length !== hashBytes) throw new RangeError(`a hash has ${hashBytes} bytes`);
    if ((this.count + 1) * hashBytes > this.bytes.length) {
      const wider = new Uint8Array(this.bytes.length * 2);
      wider.set(this.bytes);
      this.bytes = wider;
    }
    this.bytes.set(hash, this.count * hashBytes);
    this.count += 1;
  }

  /** A view, valid until the next push. Throws RangeError where there is none. */
  readonly read: HashReader = (index) => {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) throw new RangeError(`no stored hash ${index}`);
    return this.bytes.subarray(index * hashBytes, (index + 1) * hashBytes);
  };
}
