import { assertEquals, assertThrows } from "@std/assert";
import { CheckpointError } from "../../../mod.ts";
import { checkCode } from "../../../lib/joint/checkpoint/check_code.ts";
import { makeModel } from "../../packed/models.ts";
import { makeTextModel } from "../../packed/text_models.ts";

const numbers = makeModel({ projection: { family: "taps", taps: 2, pool: 100 } }), texts = makeTextModel();

Deno.test("checkCode: the code of the same network is taken", () => {
  for (const { projection, thresholds } of [numbers, texts]) checkCode({ projection, thresholds }, projection);
});

Deno.test("checkCode: another projection, damaged parts of one and other thresholds are refused", () => {
  const without = (projection: object, name: string): object =>
    Object.fromEntries(Object.entries(projection).filter(([key]) => key !== name));
  const { selection } = numbers.projection;
  const cases: [model: typeof numbers | typeof texts, projection: unknown, problem: string][] = [
    [numbers, undefined, ""],
    [numbers, null, ""],
    [numbers, { ...numbers.projection, functions: 4 }, "functions is 4, wanted 3"],
    [numbers, { ...numbers.projection, seed: 1 }, "seed is 1"],
    [numbers, { ...numbers.projection, family: "sign" }, "family is sign, wanted taps"],
    [numbers, { ...numbers.projection, taps: 1e9 }, "taps is 1000000000"],
    [numbers, without(numbers.projection, "taps"), "taps is undefined"],
    [numbers, { ...numbers.projection, selection: { ...selection, indices: new Uint32Array(9) } }, "index 1 is 0"],
    [numbers, { ...numbers.projection, selection: {} }, "pool is undefined"],
    [numbers, texts.projection, "family is text"],
    [texts, without(texts.projection, "entries"), "entries is undefined"],
    [texts, without(texts.projection, "seed"), "seed is undefined"],
    [texts, without(texts.projection, "partitions"), ""],
  ];
  for (const [{ projection: own, thresholds }, projection, problem] of cases) {
    const error = assertThrows(
      () => checkCode({ projection: projection as typeof own, thresholds }, own),
      CheckpointError,
      problem,
    );
    assertEquals(error.problem, "damaged");
  }
  for (const thresholds of [new Int32Array(8), new Float32Array(9), undefined] as Int32Array[]) {
    const { projection } = numbers;
    assertThrows(() => checkCode({ projection, thresholds }, projection), CheckpointError, "thresholds, wanted 9");
  }
});
