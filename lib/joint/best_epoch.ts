import type { Tensor } from "../autodiff/mod.ts";

/** Keeps a copy of a network's parameters, and of what it keeps beside them, from the epoch with the best validation accuracy, the earliest of equal ones. */
export class BestEpoch {
  #epoch = 0;
  #accuracy: number | null = null;
  #copies: Float32Array[] = [];

  /** Watches over the given parameters. */
  constructor(readonly parameters: readonly Tensor[]) {}

  /** Takes a copy when `accuracy` is better than all before; without an accuracy each epoch is better. Returns whether it did. */
  offer(epoch: number, accuracy: number | null): boolean {
    if (accuracy !== null && this.#accuracy !== null && accuracy <= this.#accuracy) return false;
    this.#epoch = epoch;
    this.#accuracy = accuracy;
    if (accuracy !== null) this.#copies = this.parameters.map(({ data }) => data.slice());
    return true;
  }

  /** Puts the kept parameters back. */
  restore(): void {
    this.#copies.forEach((copy, index) => this.parameters[index].data.set(copy));
  }

  /** The epoch that was kept and its accuracy. */
  get outcome(): { bestEpoch: number; validationAccuracy: number | null } {
    return { bestEpoch: this.#epoch, validationAccuracy: this.#accuracy };
  }
}
