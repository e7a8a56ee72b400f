import type { Tensor } from "../autodiff/mod.ts";
import type { Module } from "../nn/mod.ts";

/** Keeps a copy of a network's parameters and state from the epoch with the best validation accuracy, the earliest of equal ones. */
export class BestEpoch {
  #epoch = 0;
  #accuracy: number | null = null;
  #copies: Float32Array[] = [];
  readonly #kept: readonly Tensor[];

  /** Watches over the given network. */
  constructor({ parameters, state = [] }: Module) {
    this.#kept = [...parameters, ...state];
  }

  /** Takes a copy when `accuracy` is better than all before; without an accuracy each epoch is better. Returns whether it did. */
  offer(epoch: number, accuracy: number | null): boolean {
    if (accuracy !== null && this.#accuracy !== null && accuracy <= this.#accuracy) return false;
    this.#epoch = epoch;
    this.#accuracy = accuracy;
    if (accuracy !== null) this.#copies = this.#kept.map(({ data }) => data.slice());
    return true;
  }

  /** Puts the kept values back. */
  restore(): void {
    this.#copies.forEach((copy, index) => this.#kept[index].data.set(copy));
  }

  /** The epoch that was kept and its accuracy. */
  get outcome(): { bestEpoch: number; validationAccuracy: number | null } {
    return { bestEpoch: this.#epoch, validationAccuracy: this.#accuracy };
  }
}
