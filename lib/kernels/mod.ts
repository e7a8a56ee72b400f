/**
 * Numeric loops over typed arrays, and the memory that they work in.
 *
 * @module
 */
export { arenaMemory, currentRegion, KernelsUnavailableError, Region, ShapeError } from "./memory.ts";
export type * from "./interface.ts";
export { patchGrid, type PatchShape } from "./reference/patches.ts";
export {
  availableVariants,
  type KernelChoice,
  kernels,
  type KernelVariant,
  shutdownThreads,
  useKernels,
} from "./select.ts";
