/**
 * Numeric loops over typed arrays, and the memory that they work in.
 *
 * @module
 */
export { KernelsUnavailableError, ShapeError } from "./errors.ts";
export type * from "./interface.ts";
export { arenaMemory, currentRegion, Region } from "./memory.ts";
export { patchGrid, type PatchShape } from "./patches.ts";
export { binaryFunction } from "./reference/elementwise.ts";
export {
  availableVariants,
  type KernelChoice,
  kernels,
  type KernelVariant,
  shutdownThreads,
  useKernels,
} from "./select.ts";
