/**
 * Reverse-mode differentiation on a tape (Wengert list): while a tape records, each operation on a tensor that requires a gradient writes an
 * entry; `backward` walks the entries from the last to the first and applies the gradient rule that stands beside each operation.
 *
 * @module
 */
import { currentRegion, ShapeError } from "../kernels/mod.ts";
import { gradientRules } from "./registry.ts";
import type { Tensor } from "./tensor.ts";
import { type GradientRule, setRecorder, type TapeEntry } from "./record.ts";

/** No way to differentiate: an operation without a gradient rule, or a loss that the tape does not know. */
export class GradientError extends Error {
  /** The error's name, `"GradientError"`. */
  override readonly name = "GradientError";
}

/**
 * A record of operations, and the gradients computed from it.
 *
 * @example
 * ```ts
 * import { multiply, sum, Tape, tensor } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([1, 2, 3], { requiresGradient: true });
 * const tape = new Tape();
 * const loss = tape.record(() => sum(multiply(x, x)));
 * tape.backward(loss);
 * assertEquals(Array.from(x.gradient!), [2, 4, 6]);
 * ```
 */
export class Tape {
  #entries: TapeEntry[] = [];

  /** The entries, in the order in which the operations ran. */
  get entries(): readonly TapeEntry[] {
    return this.#entries;
  }

  /** Runs `work`, which must be synchronous, and records its operations; those of an outer tape that is recording are not passed on. */
  record<T>(work: () => T): T {
    const outer = setRecorder((entry) => this.#entries.push(entry));
    try {
      return work();
    } finally {
      setRecorder(outer);
    }
  }

  /**
   * Computes the derivative of `loss`, a single value, with respect to each leaf that requires a gradient, and leaves it in
   * {@linkcode Tensor.gradient}, in the current region. The tape is empty afterwards. Throws {@linkcode GradientError} when an operation has no
   * gradient rule or when `loss` was not recorded here.
   */
  backward(loss: Tensor): void {
    if (loss.size !== 1) {
      throw new ShapeError(`backward: a loss of one value was wanted, shape [${loss.shape.join(", ")}] found`);
    }
    const entries = this.#entries;
    this.#entries = [];
    const gradients = new Map<Tensor, Float32Array>();
    const outputs = new Set<Tensor>();
    for (const { output } of entries) outputs.add(output);
    if (!outputs.has(loss)) {
      throw new GradientError(
        `backward: ${loss.name} was not computed on this tape from a tensor that requires a gradient`,
      );
    }
    gradients.set(loss, currentRegion().float32(1).fill(1));
    for (const { inputs } of entries) for (const input of inputs) input.gradient = null;
    for (let index = entries.length - 1; index >= 0; index--) {
      const entry = entries[index];
      const gradient = gradients.get(entry.output);
      if (gradient !== undefined) {
        ruleOf(entry)(entry, gradient, (input, write) => contribute(gradients, entry.inputs[input], write));
      }
    }
    for (const [leaf, gradient] of gradients) if (!outputs.has(leaf)) leaf.gradient = gradient;
  }
}

function ruleOf(entry: TapeEntry): GradientRule {
  const rule = entry.gradient ?? (Object.hasOwn(gradientRules, entry.op) ? gradientRules[entry.op] : undefined);
  if (rule === undefined) {
    throw new GradientError(`backward: there is no gradient rule for the operation "${entry.op}"`);
  }
  return rule;
}

function contribute(
  gradients: Map<Tensor, Float32Array>,
  input: Tensor,
  write: (out: Float32Array, accumulate: boolean) => void,
): void {
  if (!input.requiresGradient) return;
  const known = gradients.get(input);
  if (known !== undefined) return write(known, true);
  const fresh = currentRegion().float32(input.size);
  gradients.set(input, fresh);
  write(fresh, false);
}
