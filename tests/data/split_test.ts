import {
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import type { Dataset } from "../../lib/data/dataset.ts";
import { chooseLabelled, selectRows, splitDataset } from "../../lib/data/split.ts";
import type { TextDataset } from "../../lib/data/text_dataset.ts";
import { range } from "./fixtures.ts";

/** Rows that carry their own index as their only feature, with the given number of rows in each class, interleaved. */
function classes(...sizes: number[]): Dataset {
  const left = [...sizes];
  const labels: number[] = [];
  while (left.some((size) => size > 0)) {
    left.forEach((size, index) => {
      if (size > 0) labels.push(index);
      left[index]--;
    });
  }
  return {
    name: "d",
    input: { kind: "table", columns: ["row"] },
    count: labels.length,
    featureLength: 1,
    features: Float32Array.from(range(labels.length)),
    labels: Uint16Array.from(labels),
    labelNames: sizes.map((_, index) => `c${index}`),
  };
}

function sizes({ labels, labelNames }: Dataset): number[] {
  return labelNames.map((_, index) => labels.filter((label) => label === index).length);
}

Deno.test("splitDataset gives each class its share, and every row to one part in order", () => {
  const dataset = classes(100, 50, 10, 0);
  const { train, validation } = splitDataset(dataset, { fraction: 0.1, seed: 7 });
  assertEquals(sizes(validation), [10, 5, 1, 0]);
  assertEquals(sizes(train), [90, 45, 9, 0]);
  assertEquals([train.name, train.input, train.labelNames], [dataset.name, dataset.input, dataset.labelNames]);
  for (const { features, labels } of [train, validation]) {
    assertEquals([...features], [...features].sort((a, b) => a - b));
    assertEquals([...labels], [...features].map((row) => dataset.labels[row]));
  }
  assertEquals([...train.features, ...validation.features].sort((a, b) => a - b), range(160));
});

Deno.test("splitDataset is determined by its seed", () => {
  const dataset = classes(200, 200);
  const split = (seed: number) => splitDataset(dataset, { fraction: 0.25, seed }).validation.features;
  assertEquals(split(1), split(1));
  assertNotEquals(split(1), split(2));
});

Deno.test("splitDataset reaches the rounded total with the largest remainders", () => {
  assertEquals(sizes(splitDataset(classes(7, 6, 4), { fraction: 0.3, seed: 0 }).validation), [2, 2, 1]);
  assertEquals(sizes(splitDataset(classes(3, 3, 3), { fraction: 0.12, seed: 0 }).validation), [1, 0, 0]);
});

Deno.test("splitDataset never uses a class up", () => {
  const { train, validation } = splitDataset(classes(1, 2, 40), { fraction: 0.9, seed: 0 });
  for (const size of sizes(train)) assertGreaterOrEqual(size, 1);
  assertEquals(sizes(validation).slice(0, 2), [0, 1]);
});

Deno.test("splitDataset chooses each row about equally often", () => {
  const dataset = classes(20, 20);
  const chosen = new Array(40).fill(0);
  for (let seed = 0; seed < 2000; seed++) {
    for (const row of splitDataset(dataset, { fraction: 0.25, seed }).validation.features) chosen[row]++;
  }
  // Binomial with mean 500 and deviation 19.4: five deviations.
  for (const times of chosen) assertLess(Math.abs(times - 500), 97);
});

Deno.test("splitDataset refuses fractions and sets that give no two parts", () => {
  for (const fraction of [0, 1, -0.1, 1.5, NaN]) {
    assertThrows(() => splitDataset(classes(9), { fraction, seed: 0 }), RangeError, `the fraction is ${fraction}`);
  }
  assertThrows(() => splitDataset(classes(1, 1, 1), { fraction: 0.5, seed: 0 }), RangeError, "no row at all");
  assertThrows(() => splitDataset(classes(4), { fraction: 0.1, seed: 0 }), RangeError, "no row at all");
  assertThrows(() => splitDataset(classes(9), { fraction: 0.5, seed: -1 }), RangeError, "seed is -1");
});

const dataset: Dataset = {
  name: "d",
  input: { kind: "table", columns: ["a", "b"] },
  count: 3,
  featureLength: 2,
  features: Uint8Array.of(1, 2, 3, 4, 5, 6),
  labels: Uint16Array.of(0, 1, 0),
  labelNames: ["x", "y"],
};

Deno.test("selectRows copies rows in the order given", () => {
  const chosen = selectRows(dataset, [2, 0, 2]);
  assertEquals(chosen, {
    ...dataset,
    features: Uint8Array.of(5, 6, 1, 2, 5, 6),
    labels: Uint16Array.of(0, 0, 0),
  });
  chosen.features[0] = 99;
  assertEquals(dataset.features[4], 5);
});

Deno.test("selectRows keeps float32, and makes empty sets", () => {
  const floats = { ...dataset, features: Float32Array.from(dataset.features, (value) => value / 8) };
  assertEquals(selectRows(floats, Uint32Array.of(1)).features, Float32Array.of(0.375, 0.5));
  assertEquals(selectRows(dataset, []).count, 0);
  assertInstanceOf(selectRows(dataset, []).features, Uint8Array);
});

Deno.test("selectRows copies texts", () => {
  const texts: TextDataset = {
    name: "t",
    input: { kind: "text" },
    count: 3,
    texts: ["a", "", "c"],
    labels: Uint16Array.of(0, 1, 0),
    labelNames: ["x", "y"],
  };
  const wanted = { ...texts, count: 2, texts: ["c", ""], labels: Uint16Array.of(0, 1) };
  assertEquals(selectRows(texts, [2, 1]), wanted);
  assertThrows(() => selectRows(texts, [3]), RangeError, "index 0 is 3, wanted an integer in 0...2");
});

Deno.test("selectRows refuses indices outside", () => {
  for (const index of [-1, 3, 0.5, NaN]) {
    assertThrows(() => selectRows(dataset, [0, index]), RangeError, `index 1 is ${index}, wanted an integer in 0...2`);
  }
});

Deno.test("chooseLabelled takes as many rows of each class, by seed, among those it may", () => {
  const data = classes(14, 13, 13);
  const rows = chooseLabelled(data, { perClass: 4, seed: 7 });
  assertEquals([...rows], [...rows].sort((a, b) => a - b));
  for (let label = 0; label < 3; label++) assertEquals(rows.filter((row) => row % 3 === label).length, 4);
  assertEquals(chooseLabelled(data, { perClass: 4, seed: 7 }), rows);
  assertEquals(chooseLabelled(data, { perClass: 4, seed: 8 }).join() === rows.join(), false);
  const among = Uint32Array.from({ length: 20 }, (_, i) => 39 - i);
  for (const row of chooseLabelled(data, { perClass: 5, seed: 1 }, among)) assertEquals(row >= 20, true);
  assertThrows(
    () => chooseLabelled(data, { perClass: 14, seed: 1 }),
    RangeError,
    'the class "c1" has 13 labelled rows',
  );
});
