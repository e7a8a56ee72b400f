import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { availableVariants, train, type TrainResult, useKernels } from "../../mod.ts";
import { loadPnet } from "../../lib/packed/mod.ts";
import { blobs } from "./fixtures.ts";

const data = blobs(800, { side: 12 }), test = blobs(200, { side: 12, seed: 2 });

/** Wide enough that several threads share its products. */
async function trainWide(): Promise<TrainResult> {
  return await train({
    data,
    test,
    trainer: { hidden: [256, 128] },
    projections: [{ functions: 16, bitsPerFunction: 16, hidden: 32 }, {
      functions: 8,
      bitsPerFunction: 8,
      head: "int8",
    }],
    epochs: 4,
  });
}

Deno.test("training writes the same bytes with 1, 2 and 3 threads, and learns with every kind of kernels", async () => {
  try {
    for (const variant of availableVariants()) {
      const results: TrainResult[] = [];
      for (const threads of variant === "reference" ? [1] : [1, 2, 3]) {
        useKernels({ variant, threads });
        results.push(await trainWide());
      }
      const [first, ...others] = results;
      assertGreaterOrEqual(first.trainer.testAccuracy!, 0.95, variant);
      assertGreaterOrEqual(first.networks[0].test!.accuracy, 0.9, variant);
      for (const other of others) {
        assertEquals(other.trainer, first.trainer);
        other.networks.forEach(({ bytes }, index) => assertEquals(bytes, first.networks[index].bytes));
      }
    }
  } finally {
    useKernels({ threads: 1 });
    useKernels();
  }
});

Deno.test("recurrent and convolutional trainers come out the same with 1, 2 and 3 threads", async () => {
  try {
    for (const variant of availableVariants().filter((variant) => variant !== "reference")) {
      for (
        const trainer of [{ kind: "lstm", hidden: [48], bidirectional: true }, { kind: "cnn", hidden: [8] }] as const
      ) {
        const results: TrainResult[] = [];
        for (const threads of [1, 2, 3]) {
          useKernels({ variant, threads });
          results.push(await train({ data, trainer, projections: [{ functions: 4, bitsPerFunction: 4 }], epochs: 1 }));
        }
        for (const other of results) assertEquals(other.trainer, results[0].trainer);
      }
    }
  } finally {
    useKernels({ threads: 1 });
    useKernels();
  }
});

Deno.test("every kind of kernels gives the same bits of a sample", async () => {
  const codes: Uint8Array[] = [];
  try {
    for (const variant of availableVariants()) {
      useKernels({ variant });
      const { networks: [{ bytes }] } = await train({
        data,
        projections: [{ functions: 16, bitsPerFunction: 16, thresholds: "median" }],
        epochs: 1,
      });
      codes.push(loadPnet(bytes).codes(data.features.subarray(0, 144)));
    }
  } finally {
    useKernels({ threads: 1 });
    useKernels();
  }
  assert(codes.length >= 1);
  for (const code of codes) assertEquals(code, codes[0]);
});
