/// <reference lib="dom" />
/**
 * Fields to type a text or the numbers of a table's row into.
 *
 * @module
 */

import type { TableInput } from "../../packed/runtime_text.ts";
import { element, type InputControl } from "./elements.ts";

/** The most columns that have a field of their own; a row of more is one line of text. */
const MOST_FIELDS = 64;

/**
 * Makes a field for a text.
 *
 * @param changed called when the text has changed
 * @returns the field and its text
 */
export function textField(changed: () => void): InputControl {
  const field = element("textarea", { id: "text", rows: 5, placeholder: "Type something", spellcheck: false });
  field.addEventListener("input", changed);
  return {
    element: element("div", {}, [element("label", { htmlFor: "text", textContent: "Text" }), field]),
    sample: () => field.value === "" ? undefined : field.value,
  };
}

/**
 * Makes fields for the numbers of a row.
 *
 * @param input the columns
 * @param changed called when a number has changed
 * @returns the fields and their numbers
 */
export function rowFields({ features, quantization }: TableInput, changed: () => void): InputControl {
  const row = element("textarea", { id: "row", rows: 3, spellcheck: false, placeholder: `${features} numbers` });
  const fields = Array.from({ length: features <= MOST_FIELDS ? features : 0 }, (_, i) => {
    const [from, to] = rangeOf(quantization, i);
    const middle = (from + to) / 2;
    const value = quantization.rule === "none" ? 0 : Number.isFinite(middle) ? Number(middle.toPrecision(4)) : 0;
    return element("input", { type: "number", step: "any", value: `${value}`, ariaLabel: `Column ${i + 1}` });
  });
  const numbers = (): number[] =>
    (fields.length > 0 ? fields.map(({ value }) => value) : row.value.trim().split(/[\s,;]+/)).map((text) =>
      text === "" ? NaN : Number(text)
    );
  fields.forEach((field) =>
    field.addEventListener("input", () => {
      row.value = numbers().join(", ");
      changed();
    })
  );
  row.addEventListener("input", () => {
    const values = row.value.trim().split(/[\s,;]+/);
    fields.forEach((field, i) => field.value = values[i] ?? "");
    changed();
  });
  row.value = fields.length > 0 ? numbers().join(", ") : "";
  return {
    element: element("div", {}, [
      element("label", { htmlFor: "row", textContent: `A row of ${features} numbers` }),
      row,
      element("div", { className: "fields" }, fields),
    ]),
    sample() {
      const values = numbers();
      return values.length === features && values.every(Number.isFinite) ? values : undefined;
    },
  };
}

/** The numbers of a column that become 0 and 255. */
function rangeOf(quantization: TableInput["quantization"], column: number): [from: number, to: number] {
  if (quantization.rule === "none") return [0, 255];
  const [offset, scale] = quantization.rule === "shared"
    ? [quantization.offset, quantization.scale]
    : [quantization.offsets[column], quantization.scales[column]];
  return [offset, scale === 0 ? offset : offset + 255 / scale];
}
