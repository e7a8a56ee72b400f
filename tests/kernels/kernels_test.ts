import { availableVariants, Region } from "../../lib/kernels/mod.ts";
import { referenceKernels } from "../../lib/kernels/reference/mod.ts";
import { type ThreadedKernels, wasmKernels } from "../../lib/kernels/wasm/mod.ts";
import { assertClose } from "../close.ts";
import type { KernelCase, Place } from "./cases/case.ts";
import { codeCases } from "./cases/codes.ts";
import { columnCases } from "./cases/columns.ts";
import { convolutionCases } from "./cases/convolutions.ts";
import { dropoutCases } from "./cases/dropout.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { gatherCases } from "./cases/gather.ts";
import { lstmCases } from "./cases/lstm.ts";
import { matmulCases } from "./cases/matmul.ts";
import { optimizerCases } from "./cases/optimizers.ts";
import { patchCases } from "./cases/patches.ts";
import { poolCases } from "./cases/pool.ts";
import { rowCases } from "./cases/rows.ts";
import { softmaxGradientCases } from "./cases/softmax_gradients.ts";

const groups: Readonly<Record<string, () => KernelCase[]>> = {
  matmul: once(matmulCases),
  elementwise: once(elementwiseCases),
  rows: once(rowCases),
  optimizers: once(optimizerCases),
  gather: once(gatherCases),
  softmaxGradients: once(softmaxGradientCases),
  dropout: once(dropoutCases),
  codes: once(codeCases),
  patches: once(patchCases),
  lstm: once(lstmCases),
  pool: once(poolCases),
  columns: once(columnCases),
  convolutions: once(convolutionCases),
};

/** The cases with their right answers, computed when they are first needed. */
function once(make: () => KernelCase[]): () => KernelCase[] {
  let cases: KernelCase[] | undefined;
  return () => cases ??= make();
}

const reference: ThreadedKernels = { kernels: referenceKernels, useThreads: () => {}, shutdownThreads: () => {} };

function implementation(variant: string): ThreadedKernels {
  return variant === "reference" ? reference : wasmKernels({ relaxed: variant === "relaxed-simd" });
}

type Values = Float32Array | Int32Array | Uint8Array;

/** Values behind each array in the arena, which no kernel may use or change. */
const fence = 16;

/** Puts arrays into the arena; `checkFences` fails when a kernel wrote beyond one. */
function inArena(region: Region): { place: Place; checkFences(message: string): void } {
  let fences: Values[] = [];
  return {
    place: ((values: ArrayLike<number>): Values => {
      const length = values.length + fence;
      const view = values instanceof Int32Array
        ? region.int32(length)
        : values instanceof Uint8Array
        ? region.uint8(length)
        : region.float32(length);
      view.set(values);
      fences.push(view.subarray(values.length).fill(view instanceof Float32Array ? NaN : 0x55));
      return view.subarray(0, values.length);
    }) as Place,
    checkFences(message): void {
      for (const values of fences) {
        const untouched = new Array(fence).fill(values instanceof Float32Array ? NaN : 0x55);
        assertClose(values, untouched, { message: `${message}, behind an array` });
      }
      fences = [];
    },
  };
}

const inOwnArrays = {
  place:
    ((values: ArrayLike<number>): Values =>
      values instanceof Int32Array || values instanceof Uint8Array
        ? values.slice()
        : Float32Array.from(values)) as Place,
  checkFences: (): void => {},
};

for (const variant of availableVariants()) {
  const threaded = implementation(variant);

  const check = (cases: KernelCase[], { place, checkFences }: ReturnType<typeof inArena>): void => {
    for (const { name, tolerance, expected, run } of cases) {
      const results = run(threaded.kernels, place);
      expected.forEach((values, index) =>
        assertClose(results[index], values, { ...tolerance, message: `${variant}: ${name}, output ${index}` })
      );
      checkFences(`${variant}: ${name}`);
    }
  };

  for (const [group, cases] of Object.entries(groups)) {
    Deno.test(`${variant} kernels: ${group}, arrays in the arena`, () => {
      using region = new Region();
      check(cases(), inArena(region));
    });

    Deno.test(`${variant} kernels: ${group}, arrays of their own`, () => check(cases(), inOwnArrays));
  }

  if (variant === "reference") continue;

  for (const threads of [2, 3]) {
    Deno.test(`${variant} kernels: all cases with every call shared by ${threads} threads`, () => {
      using region = new Region();
      threaded.useThreads(threads, { sharedFrom: 0, wakeFrom: 0, startAfter: 0 });
      try {
        for (const cases of Object.values(groups)) check(cases(), inArena(region));
      } finally {
        threaded.useThreads(1);
      }
    });
  }
}
