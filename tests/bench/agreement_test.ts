import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { checkAgreement } from "../../bench/agreement.ts";
import type { Entry } from "../../bench/interleave.ts";

function entry(name: string, lossOf: (step: number) => number): Entry {
  let step = 0;
  return { name, threads: 1, training: { run: () => Promise.resolve(lossOf(step++)), dispose() {} } };
}

Deno.test("checkAgreement: gives the largest relative difference of each entry", async () => {
  const { losses, differences } = await checkAgreement([
    entry("a", (step) => 2 ** -step),
    entry("b", (step) => 2 ** -step * (step === 3 ? 1 - 2 ** -18 : 1)),
  ]);
  assertEquals(losses, [1, 0.5, 0.25, 0.125, 0.0625]);
  assertEquals(differences, [{ name: "b", threads: 1, difference: 2 ** -18 }]);
});

Deno.test("checkAgreement: fails when a late step differs or is no number, and names who", async () => {
  const { message } = await assertRejects(
    () =>
      checkAgreement([
        entry("a", () => 1),
        entry("b", (step) => step < 4 ? 1 : 1.00002),
        entry("c", () => 1),
        entry("d", (step) => step < 4 ? 1 : NaN),
      ]),
    Error,
  );
  assertStringIncludes(message, "b on 1 threads has 1, 1, 1, 1, 1.00002; d on 1 threads has 1, 1, 1, 1, NaN");
});
