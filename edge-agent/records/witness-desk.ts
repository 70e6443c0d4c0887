import { type Cosigner, cosign, cosignerOf } from "../audit/cosignature.ts";
import type { Signer, Vkey } from "../audit/note.ts";
import { addCheckpoint } from "../audit/witness.ts";
import { WitnessStore } from "./witness-store.ts";

/** Text and type as c2sp.org/tlog-witness has them. */
export interface WitnessReply {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

interface WitnessOptions {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly sign: Signer;
  readonly nowSec: () => number;
  /** Keys of the logs that it looks after. */
  readonly logs: readonly Vkey[];
}

/** A witness with its memory on the disk: what it has seen is there before anybody hears of it. */
export class WitnessDesk {
  readonly cosigner: Cosigner;
  private readonly options: WitnessOptions;
  private readonly store: WitnessStore;

  constructor(path: string, options: WitnessOptions) {
    this.options = options;
    this.cosigner = cosignerOf(options.name, options.publicKey);
    this.store = new WitnessStore(path);
  }

  /** Throws StoreError. */
  start(): void {
    this.store.start();
  }

  /** From the network, before any check. Throws StoreError where it cannot keep what it sees: then it cosigns nothing. */
  add(request: string): WitnessReply {
    const { logs, nowSec, sign } = this.options;
    const decided = addCheckpoint(request, { logs, seen: (origin) => this.store.seen(origin) });
    const plain = "text/plain; charset=utf-8";
    switch (decided.is) {
      case "refuse":
        return { status: decided.status, text: `${decided.words}\n`, type: plain };
      case "conflict":
        return { status: 409, text: `${decided.size}\n`, type: "text/x.tlog.size" };
      case "cosign":
        this.store.keep(decided.origin, decided.seen, request.slice(request.indexOf("\n\n") + 2));
        return { status: 200, text: cosign(decided.body, this.cosigner, nowSec(), sign), type: plain };
    }
  }

  /** The newest checkpoint that it has seen of this log. Throws StoreError. */
  kept(origin: string): string | undefined {
    return this.store.note(origin);
  }

  close(): void {
    this.store.close();
  }
}
