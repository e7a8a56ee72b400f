import { availableVariants, Region } from "../../lib/kernels/mod.ts";
import { referenceKernels } from "../../lib/kernels/reference/mod.ts";
import { type ThreadedKernels, wasmKernels } from "../../lib/kernels/wasm/mod.ts";
import { assertClose } from "../close.ts";
import type { KernelCase, Place } from "./cases/case.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { gatherCases } from "./cases/gather.ts";
import { matmulCases } from "./cases/matmul.ts";
import { optimizerCases } from "./cases/optimizers.ts";
import { rowCases } from "./cases/rows.ts";

const groups: Readonly<Record<string, () => KernelCase[]>> = {
  matmul: once(matmulCases),
  elementwise: once(elementwiseCases),
  rows: once(rowCases),
  optimizers: once(optimizerCases),
  gather: once(gatherCases),
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

function inArena(region: Region): Place {
  return (values) => {
    const view = region.float32(values.length);
    view.set(values);
    return view;
  };
}

for (const variant of availableVariants()) {
  const threaded = implementation(variant);

  const check = (cases: KernelCase[], place: Place): void => {
    for (const { name, tolerance, expected, run } of cases) {
      const results = run(threaded.kernels, place);
      expected.forEach((values, index) =>
        assertClose(results[index], values, { ...tolerance, message: `${variant}: ${name}, output ${index}` })
      );
    }
  };

  for (const [group, cases] of Object.entries(groups)) {
    Deno.test(`${variant} kernels: ${group}, arrays in the arena`, () => {
      using region = new Region();
      check(cases(), inArena(region));
    });

    Deno.test(`${variant} kernels: ${group}, arrays of their own`, () =>
      check(cases(), (values) => Float32Array.from(values)));
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
