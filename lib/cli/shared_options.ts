/**
 * Options that several commands take.
 */
import type { ImageSize } from "../data/mod.ts";
import { type KernelVariant, useKernels } from "../kernels/mod.ts";
import { UsageError } from "./errors.ts";
import { choice, imageSize, integer, text } from "./option_values.ts";
import type { ValueOption } from "./options.ts";

/** What data can be, for help. */
export const DATA_HELP =
  "a known data set, a folder of IDX files, CIFAR-10's or CIFAR-100's binary archive (.tar.gz), a folder of PNG images (one folder a class), or a table";

/** `--data-dir`: where known data sets are looked for and kept. */
export const DATA_DIR: ValueOption<string> = {
  value: "DIR",
  help: "folder of the known data sets (otherwise PROJECTIONNET_DATA, or the user's cache folder)",
  parse: text,
};

/** `--label`: the label column of a table, or which label of several. */
export const LABEL: ValueOption<string> = {
  value: "COLUMN",
  help:
    "label column of a table, by name or by number from 0 (otherwise label, class, target or y, or the last column); for CIFAR-100 fine (otherwise) or coarse",
  parse: text,
};

/** `--header`: whether a table's first row holds names. */
export const HEADER: ValueOption<"yes" | "no"> = {
  value: "yes|no",
  help: "whether the first row of a table holds the names of its columns (otherwise found out)",
  parse: choice(["yes", "no"]),
};

/** `--size`: the size that images are brought to. */
export const SIZE: ValueOption<ImageSize> = {
  value: "WxH",
  help:
    "width and height that the images of a folder of PNG images are brought to, such as 32x32 (otherwise they have to agree)",
  parse: imageSize,
};

/** `--load-limit`: from which size on data stay in their files. */
export const LOAD_LIMIT: ValueOption<number> & { readonly default: string } = {
  value: "BYTES",
  help:
    "IDX images, CIFAR's records and JSON lines of texts of more bytes stay in their files and are read when they are needed; " +
    "the results are the same, the memory does not grow with the data. What is compressed, and anything else, is loaded in any case",
  parse: integer({ min: 0 }),
  default: `${2 ** 28}`,
};

/** `--seed`: what a run is reproduced from. */
export const SEED: ValueOption<number> & { readonly default: string } = {
  value: "N",
  help: "seed of everything random; the same seed gives the same file",
  parse: integer({ min: 0, max: 0xffffffff }),
  default: "1",
};

/** `--kernels`: which numeric kernels run. */
export const KERNELS: ValueOption<KernelVariant | "auto"> & { readonly default: string } = {
  value: "KIND",
  help: "numeric kernels: reference (plain TypeScript), simd, relaxed-simd, or auto for the fastest that run here",
  parse: choice(["auto", "reference", "simd", "relaxed-simd"]),
  default: "auto",
};

/** `--threads`: how many processors share the work. */
export const THREADS: ValueOption<number> = {
  value: "N",
  help: "threads that share the work (otherwise one for each processor); the results are the same for any number",
  parse: integer({ min: 1, max: 64 }),
};

/**
 * Applies {@linkcode KERNELS} and {@linkcode THREADS}.
 *
 * @throws {UsageError} for threads that the kernels asked for cannot use
 */
export function applyKernelOptions({ kernels, threads }: { kernels: KernelVariant | "auto"; threads?: number }): void {
  if (kernels === "reference" && threads !== undefined && threads > 1) {
    throw new UsageError(
      `--threads ${threads} is for kernels in WebAssembly, and --kernels reference runs on one thread`,
    );
  }
  useKernels({ variant: kernels, threads });
}
