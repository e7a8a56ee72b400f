/**
 * Memory for networks that files describe.
 *
 * @module
 */
import { Region } from "../kernels/mod.ts";
import { TrainingError } from "./errors.ts";

/** A region that refuses a network with more values than its file holds, before their memory is taken. */
export class BoundedRegion extends Region {
  #left: number;

  /** Takes the number of values. */
  constructor(values: number) {
    super();
    this.#left = values;
  }

  /** Numbers in the region. Throws {@linkcode TrainingError} when there are more than were announced. */
  override float32(length: number): Float32Array {
    this.#left -= length;
    if (!(this.#left >= 0)) throw new TrainingError("the network that is described is larger than the file");
    return super.float32(length);
  }
}
