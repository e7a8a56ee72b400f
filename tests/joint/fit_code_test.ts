import { assert, assertEquals } from "@std/assert";
import { Region, train, type TrainOptions } from "../../mod.ts";
import { ProjectionNetwork } from "../../lib/joint/mod.ts";
import { inspectPnet } from "../../lib/packed/mod.ts";
import { fitCode } from "../../lib/joint/fit_code.ts";
import { blobs } from "./fixtures.ts";

const base: TrainOptions = {
  data: blobs(900),
  trainer: { hidden: [8] },
  projections: [],
  epochs: 3,
  batchSize: 32,
  projectionOptimizer: { learningRate: 0.02 },
};

Deno.test("auto takes one of the rules, and does not do worse than the worst of them", async () => {
  const rules = ["zero", "mean", "median", "spread", "auto"] as const;
  const { networks } = await train({
    ...base,
    projections: rules.map((thresholds) => ({ functions: 12, family: "patch", thresholds })),
  });
  const cuts = networks.map(({ model }) => model.thresholds.join());
  assertEquals(new Set(cuts.slice(0, 4)).size, 4);
  assert(cuts.slice(0, 4).includes(cuts[4]));
  const accuracy = networks.map(({ validationAccuracy }) => validationAccuracy!);
  assert(accuracy[4] >= Math.min(...accuracy.slice(0, 4)));
});

Deno.test("thresholds take 4 to 8 bits each, 8 without validation data", async () => {
  const widthOf = (bytes: Uint8Array): number =>
    (inspectPnet(bytes).find(({ name }) => name === "thresholds")!.bytes - 4) * 8 / 64;
  const projections = [{ functions: 64, thresholds: "median" as const }];
  const { networks: [chosen] } = await train({ ...base, projections });
  assert([4, 5, 6, 7, 8].includes(widthOf(chosen.bytes)), `${widthOf(chosen.bytes)}`);
  const { networks: [plain] } = await train({ ...base, projections, validation: 0 });
  assertEquals(widthOf(plain.bytes), 8);
});

Deno.test("a head that reads counts learns more than one that reads their bits, in any precision", async () => {
  const conv = { family: "conv", functions: 4, conv: { filter: 3, cell: 3, quantile: 0.8 } } as const;
  for (const head of ["float", "int8", "ternary"] as const) {
    const { networks } = await train({
      ...base,
      epochs: 8,
      test: blobs(400, { seed: 2 }),
      projections: [{ ...conv, head }, { ...conv, head, reads: "counts" }],
    });
    const [bits, counts] = networks.map(({ test }) => test!.accuracy);
    assert(counts >= bits - 0.01 && counts > 0.8, `${head}: ${bits} with bits, ${counts} with counts`);
    assertEquals(networks.map(({ model }) => model.reads), [undefined, "counts"]);
    // What the training side measured is what the packed file does.
    assert(!inspectPnet(networks[1].bytes).some(({ name }) => name === "thresholds"));
  }
});

Deno.test("thresholds at zero are taken without a look at the data", async () => {
  using region = new Region();
  const network = region.run(() =>
    new ProjectionNetwork({
      functions: 8,
      bitsPerFunction: 1,
      thresholds: "zero",
      features: 4,
      image: undefined,
      classes: 2,
      seed: 1,
    })
  );
  network.project = () => {
    throw new Error("the data were projected");
  };
  const rows = { features: new Uint8Array(8).fill(9), count: 2, labels: [0, 1] };
  await fitCode(network, { training: { ...rows, classes: 2 }, validation: rows, seed: 1 });
  assertEquals([...network.thresholds], new Array(8).fill(0));
});
