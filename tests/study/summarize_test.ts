import { assertEquals } from "@std/assert";
import { makePlan } from "../../lib/study/plan.ts";
import { median, seriesOf, shortName, summarize } from "../../lib/study/summarize.ts";
import { outcomesOf, smallStudy } from "./fixtures.ts";

Deno.test("median: of odd and even counts, in any order", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 3, 2]), median([5])], [2, 2.5, 5]);
});

Deno.test("summarize: medians over the seeds, and every run", async () => {
  const plan = await makePlan(smallStudy("unused"));
  const { points, trainer } = summarize(plan, outcomesOf(plan));
  assertEquals(points.map(({ series, bits }) => [series, bits]), [
    ...[["sign", 8], ["sign", 24], ["hadamard", 8], ["hadamard", 24]],
  ]);
  const { runs, ...first } = points[1];
  assertEquals(first, {
    series: "sign",
    projection: "sign",
    head: "float",
    hidden: null,
    bits: 24,
    parameters: 720,
    modelBytes: 158,
    validationAccuracy: 0.62,
    projectionAccuracy: 0.55 + 2 / 100,
    trainerValidationAccuracy: 0.9,
    trainerAccuracy: 0.8 + 2 / 100,
  });
  assertEquals(runs.map(({ seed, modelBytes }) => [seed, modelBytes]), [[1, 157], [2, 158], [3, 159]]);
  assertEquals(trainer, { parameters: 1000, bytes: 4000, validationAccuracy: 0.9, testAccuracy: 0.8 + 2 / 100 });
});

Deno.test("summarize: the fewest bits and bytes are chosen on validation data; test data only report", async () => {
  const plan = await makePlan(smallStudy("unused"));
  // Networks 0…3 have 8, 24, 8, 24 bits; on validation data only 1 and 2 keep 90 %, on test data all.
  const validation = [0.5, 0.9, 0.85, 0.7];
  const bytes = [400, 90, 100, 300];
  const outcomes = outcomesOf(plan).map(({ networks, ...rest }, at) => ({
    ...rest,
    networks: networks.map((network, place) => {
      // Two parts of two networks for each seed.
      const index = 2 * (at % 2) + place;
      return { ...network, testAccuracy: 0.9, validationAccuracy: validation[index], modelBytes: bytes[index] };
    }),
  }));
  const { answers } = summarize(plan, outcomes);
  assertEquals(answers.map(({ share, least, point }) => [share, least, point]), [
    [0.9, "bits", 2],
    [0.9, "modelBytes", 1],
    [0.95, "bits", 1],
    [0.95, "modelBytes", 1],
    [0.99, "bits", 1],
    [0.99, "modelBytes", 1],
  ]);
  assertEquals(answers[0].validationShare, 0.85 / 0.9);
  assertEquals(answers[0].testShare, 0.9 / (0.8 + 2 / 100));
});

Deno.test("summarize: without test data there are none, and answers all the same", async () => {
  const plan = await makePlan({ ...smallStudy("unused"), test: undefined });
  const outcomes = outcomesOf(plan, (outcome) => ({ ...outcome, testAccuracy: null })).map((outcome) => ({
    ...outcome,
    trainer: { ...outcome.trainer, testAccuracy: null },
  }));
  const { points, trainer, answers } = summarize(plan, outcomes);
  assertEquals([points[0].projectionAccuracy, points[0].trainerAccuracy, trainer.testAccuracy], [null, null, null]);
  assertEquals([answers[0].point, answers[0].testShare], [3, null]);
  assertEquals([answers.at(-1)!.point, answers.at(-1)!.validationShare], [null, null]);
});

Deno.test("seriesOf: what differs, and nothing else", () => {
  const of = (networks: Parameters<typeof seriesOf>[0]["networks"]) => seriesOf({ networks });
  assertEquals(of([{ functions: 8 }, { functions: 16 }]), ["gaussian, float", "gaussian, float"]);
  assertEquals(of([{ functions: 8, family: "taps", taps: 3 }, { functions: 8, family: "conv" }]), ["taps", "conv"]);
  assertEquals(
    of([{ functions: 8, hidden: 4 }, { functions: 8, head: "ternary" }, { functions: 8, hidden: 4, head: "int8" }]),
    ["FC[4], float", "linear, ternary", "FC[4], int8"],
  );
  assertEquals(
    of([
      { functions: 8, family: "conv", reads: "counts", select: { pool: 64 } },
      { functions: 8, family: "conv" },
      { functions: 8, family: "patch", dropout: 0.2 },
      { functions: 8, family: "patch" },
    ]),
    ["conv, counts, of 64", "conv", "patch, dropout 0.2", "patch, dropout as usual"],
  );
  assertEquals(seriesOf({ networks: [{ functions: 64 }], texts: true }), ["text, float"]);
  assertEquals(
    seriesOf({ networks: [{ functions: 64, entries: "presence" }, { functions: 64, entries: "sign" }], texts: true }),
    ["presence", "sign"],
  );
});

Deno.test("shortName: the last part of a path, without what says its format", () => {
  const names = [
    "mnist",
    "/data/digits/",
    "C:\\\\data\\\\iris.csv",
    "a/cifar-100-binary.tar.gz",
    "v1.2/more.v2",
    ".csv",
  ];
  assertEquals(names.map(shortName), ["mnist", "digits", "iris", "cifar-100-binary", "more.v2", ".csv"]);
});
