/** Random choices that are a function of a seed, a reader's name and the number of a case, so that each case can be made again on its own. */
export class Dice {
  #state: number;

  constructor(seed: number, name: string, index: number) {
    let state = seed >>> 0;
    for (const character of name) state = mix(state ^ character.charCodeAt(0));
    this.#state = mix(state ^ mix(index + 1));
  }

  /** A number of 32 bits. */
  word(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mix(this.#state);
  }

  /** An integer of 0...count-1. */
  below(count: number): number {
    return Math.floor(this.word() / 2 ** 32 * count);
  }

  chance(probability: number): boolean {
    return this.word() < probability * 2 ** 32;
  }

  one<T>(values: ArrayLike<T>): T {
    return values[this.below(values.length)];
  }
}

function mix(x: number): number {
  x = Math.imul(x ^ x >>> 16, 0x7feb352d);
  x = Math.imul(x ^ x >>> 15, 0x846ca68b);
  return (x ^ x >>> 16) >>> 0;
}
