/**
 * The doors of mod.ts, which load what they lead to when they are first called, give what lies behind them.
 */
import { assertEquals, assertRejects } from "@std/assert";
import * as pn from "../mod.ts";
import * as data from "../lib/data/mod.ts";
import * as joint from "../lib/joint/mod.ts";
import * as packed from "../lib/packed/mod.ts";
import { makeModel } from "./packed/models.ts";

const table = await pn.parseTable(new TextEncoder().encode("a,b,class\n1,200.5,x\n40,3,y\n90,250,x\n"), {
  file: "t.csv",
});
const model = makeModel({ functions: 4, bitsPerFunction: 5 });
const bytes = packed.encodePnet(model);

Deno.test("doors to packed models", async () => {
  assertEquals(await pn.encodePnet(model), bytes);
  assertEquals(await pn.decodePnet(bytes), packed.decodePnet(bytes));
  assertEquals(await pn.inspectPnet(bytes), packed.inspectPnet(bytes));
  const { thresholds: _, ...plan } = { ...model, thresholdBits: 8 };
  assertEquals(await pn.estimatePnetBytes(plan), packed.estimatePnetBytes(plan));
  const sample = Array.from({ length: model.projection.features }, (_, i) => i * 7 % 256);
  assertEquals((await pn.loadPnet(bytes)).classify(sample), packed.loadPnet(bytes).classify(sample));
  assertEquals(pn.isTextModel(await pn.decodePnet(bytes)), false);
  await assertRejects(() => pn.loadPnet(bytes.subarray(1)), pn.PnetFormatError, "");
});

Deno.test("doors to data", async () => {
  assertEquals(await pn.knownDatasets(), data.KNOWN_DATASETS);
  const image = { width: 4, height: 4, channels: 1 }, distortions = { shift: 2, rotate: 20, seed: 5 };
  const source = Uint8Array.from({ length: 48 }, (_, i) => i * 5);
  const [here, there] = [await pn.prepareAugmentation(image, distortions), data.prepareAugmentation(image, distortions)]
    .map((augment) => {
      const out = new Uint8Array(32);
      augment(source, out, { rows: [2, 0], epoch: 3 });
      return out;
    });
  assertEquals(here, there);
  await assertRejects(() => pn.prepareAugmentation(image, { shift: -1, seed: 5 }), RangeError, "shift");
});

Deno.test("doors to projection networks and what they read", async () => {
  const input = joint.describeInput(table);
  assertEquals(await pn.describeInput(table), input);
  const rows = { features: joint.quantizeRows(input, table), count: table.count };
  assertEquals(await pn.quantizeRows(input, table), rows.features);
  const options = { functions: 3, bitsPerFunction: 4, features: 2, classes: 2, seed: 9 } as const;
  using region = new pn.Region();
  const network = await pn.createProjectionNetwork(options, { region });
  const expected = region.run(() => new joint.ProjectionNetwork(options));
  network.fitThresholds(rows);
  expected.fitThresholds(rows);
  assertEquals(network.encode(rows), expected.encode(rows));
  assertEquals(network.parameters.map(({ data }) => data), expected.parameters.map(({ data }) => data));
  assertEquals((await pn.createProjectionNetwork(options)).projection, expected.projection);
  await assertRejects(
    () => pn.createProjectionNetwork({ ...options, taps: 3 }),
    pn.TrainingError,
    "taps: is for the family taps only",
  );
  const classifier = packed.loadPnet(packed.encodePnet(expected.pack({ input, labels: table.labelNames })));
  const { microsecondsPerSample: _a, ...found } = await pn.evaluate(classifier, table);
  const { microsecondsPerSample: _b, ...wanted } = joint.evaluate(classifier, table);
  assertEquals(found, wanted);
});
