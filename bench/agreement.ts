/**
 * Whether contestants compute the same before they are timed: the losses of the first steps, which depend on forward pass, gradients, momentum and
 * update of every step before.
 *
 * @module
 */
import type { Entry } from "./interleave.ts";

/** How the losses compare. */
export interface Agreement {
  /** Steps that were compared. */
  readonly steps: number;
  /** Largest relative difference that is accepted. */
  readonly tolerance: number;
  /** The losses of the first entry. */
  readonly losses: readonly number[];
  /** The largest relative difference of each other entry from the first. */
  readonly differences: readonly { readonly name: string; readonly threads: number; readonly difference: number }[];
}

/** Steps that are compared. */
const steps = 5;

/** Sums of 1000 float32 products in another order differ by some 1e-6; a wrong momentum or learning rate shows from the second step on. */
const usualTolerance = 1e-5;

/** Runs the first steps of all entries. Throws when one differs from the first, and names each that does. */
export async function checkAgreement(entries: readonly Entry[], tolerance = usualTolerance): Promise<Agreement> {
  const losses: number[][] = [];
  for (const { training } of entries) {
    await training.activate?.();
    const own: number[] = [];
    for (let step = 0; step < steps; step++) own.push(await training.run(1));
    losses.push(own);
  }
  const differences = entries.slice(1).map(({ name, threads }, index) => ({
    name,
    threads,
    difference: Math.max(...losses[index + 1].map((loss, step) => Math.abs(loss - losses[0][step]) / losses[0][step])),
  }));
  // Not "larger than": a loss that is no number must not pass.
  const wrong = differences.flatMap(({ name, threads, difference }, index) =>
    difference <= tolerance ? [] : [`${name} on ${threads} threads has ${losses[index + 1].join(", ")}`]
  );
  if (wrong.length > 0) {
    throw new Error(
      `the losses of the first ${steps} steps differ by more than ${tolerance}: ${entries[0].name} has ${
        losses[0].join(", ")
      }; ${wrong.join("; ")}`,
    );
  }
  return { steps, tolerance, losses: losses[0], differences };
}
