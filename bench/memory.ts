/**
 * Whether many small steps leave anything behind.
 *
 * @module
 */
import { arenaMemory } from "../lib/kernels/mod.ts";
import type { Training } from "./problem.ts";

/** Memory before and after, in bytes. */
export interface MemoryUse {
  /** Steps in between. */
  readonly steps: number;
  /** Resident memory of the process before. */
  readonly residentBefore: number;
  /** Resident memory of the process after. */
  readonly residentAfter: number;
  /** Size of the tensor arena before. */
  readonly arenaBefore: number;
  /** Size of the tensor arena after. */
  readonly arenaAfter: number;
}

/** Runs so many steps, after a tenth as many to warm up. */
export async function measureMemory(training: Training, steps: number): Promise<MemoryUse> {
  await training.activate?.();
  await training.run(Math.ceil(steps / 10));
  const [residentBefore, arenaBefore] = [Deno.memoryUsage().rss, arenaBytes()];
  await training.run(steps);
  return { steps, residentBefore, residentAfter: Deno.memoryUsage().rss, arenaBefore, arenaAfter: arenaBytes() };
}

function arenaBytes(): number {
  return arenaMemory()?.buffer.byteLength ?? 0;
}
