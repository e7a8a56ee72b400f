import { assertEquals, assertThrows } from "@std/assert";
import { orderClassNumbers, orderLabels } from "../../lib/data/labels.ts";

Deno.test("orderLabels sorts integers by value", () => {
  assertEquals(orderLabels(["10", "9", "-1", "+2"]), { labelNames: ["-1", "+2", "9", "10"], positions: [3, 2, 0, 1] });
});

Deno.test("orderLabels sorts other labels by code point", () => {
  assertEquals(orderLabels(["b", "10", "B", "9", "ab", "a"]).labelNames, ["10", "9", "B", "a", "ab", "b"]);
  // U+FF5E stands before U+1F600, though its UTF-16 code unit is the larger one.
  assertEquals(orderLabels(["\u{1F600}", "\uFF5E"]).labelNames, ["\uFF5E", "\u{1F600}"]);
});

Deno.test("orderLabels keeps known labels in their places and appends new ones", () => {
  assertEquals(orderLabels(["d", "a", "c"], ["z", "c", "x"]), {
    labelNames: ["z", "c", "x", "a", "d"],
    positions: [4, 3, 1],
  });
  assertThrows(() => orderLabels([], ["a", "a"]), RangeError, '"a" twice');
});

Deno.test("orderClassNumbers names classes by number, gaps included", () => {
  assertEquals(orderClassNumbers([0, 3], {}), { labelNames: ["0", "1", "2", "3"], positions: [0, 3] });
  assertEquals(orderClassNumbers([1], { classNames: ["a", "b"] }), { labelNames: ["a", "b"], positions: [1] });
});

Deno.test("orderClassNumbers finds classes among known labels", () => {
  const classNames = ["ant", "bee"];
  assertEquals(orderClassNumbers([0, 1], { classNames, labelNames: ["bee", "ant"] }).positions, [1, 0]);
  assertEquals(orderClassNumbers([0, 1], { classNames, labelNames: ["1", "0"] }).positions, [1, 0]);
  assertEquals(orderClassNumbers([0, 1], { labelNames: ["1", "0"] }).positions, [1, 0]);
  assertEquals(orderClassNumbers([0, 1], { labelNames: ["ant", "bee"] }).positions, [0, 1]);
});

Deno.test("orderClassNumbers appends what is not known", () => {
  assertEquals(orderClassNumbers([0, 2], { labelNames: ["0", "1"] }), {
    labelNames: ["0", "1", "2"],
    positions: [0, 2],
  });
  assertEquals(orderClassNumbers([0, 1], { classNames: ["ant", "bee"], labelNames: ["dog", "bee"] }), {
    labelNames: ["dog", "bee", "ant"],
    positions: [2, 1],
  });
});
