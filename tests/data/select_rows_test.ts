import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import type { Dataset } from "../../lib/data/dataset.ts";
import { selectRows } from "../../lib/data/select_rows.ts";
import type { TextDataset } from "../../lib/data/text_dataset.ts";

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
  assertThrows(() => selectRows(texts, [3]), RangeError, "index 0 is 3, wanted an integer in 0…2");
});

Deno.test("selectRows refuses indices outside", () => {
  for (const index of [-1, 3, 0.5, NaN]) {
    assertThrows(() => selectRows(dataset, [0, index]), RangeError, `index 1 is ${index}, wanted an integer in 0…2`);
  }
});
