/**
 * What the body of a request for `/v1/classify` says: its type, and the samples in it.
 *
 * @module
 */

import type { Samples } from "../packed/mod.ts";
import type { Limits } from "./limits.ts";
import { type ServedModel, takesBytes } from "./models.ts";
import { Problem } from "./problem.ts";

/** Several samples, which are answered in a list. */
export interface ManySamples {
  samples: Samples;
  count: number;
  one?: undefined;
}

/** One sample or several. */
export type Batch = ManySamples | { one: ArrayLike<number> | string; id?: unknown };

/** What a body may be: one JSON value, the bytes of samples, a text, */
export const JSON_TYPE = "application/json", BYTES_TYPE = "application/octet-stream", TEXT_TYPE = "text/plain";
/** or JSON lines. */
export const LINES_TYPES = ["application/jsonl", "application/x-ndjson", "application/jsonlines"];

/** The type of a body without its parameters. Throws {@linkcode Problem} for one that is packed, or not in UTF-8. */
export function mediaType(request: Request): string {
  const { headers } = request;
  const coding = headers.get("content-encoding");
  if (coding !== null && coding.toLowerCase() !== "identity") {
    throw new Problem(415, `the content encoding is ${coding}, wanted none`, {
      headers: { "accept-encoding": "identity" },
    });
  }
  const type = headers.get("content-type") ?? "";
  if (type === BYTES_TYPE || type === JSON_TYPE) return type;
  const given = type.toLowerCase();
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/.exec(given)?.[1];
  if (charset !== undefined && charset !== "utf-8" && charset !== "us-ascii") {
    throw new Problem(415, `the character set is ${charset}, wanted utf-8`);
  }
  return given.split(";", 1)[0].trim();
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A body as text. */
export function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Problem(400, "the body is not UTF-8");
  }
}

/** The deepest nesting of a body: a parser takes time and memory for each level, and no sample needs more than three. */
const MOST_LEVELS = 100;

/** A body as the JSON value in it. */
export function parse(bytes: Uint8Array): unknown {
  checkNesting(bytes);
  try {
    return JSON.parse(decode(bytes));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, `the body is not JSON: ${(error as Error).message}`);
  }
}

/** Whether so many brackets open that they could nest too deep, found by a search that the engine does natively. */
function opensMany(bytes: Uint8Array): boolean {
  let openings = 0;
  for (const bracket of [0x5b, 0x7b]) {
    for (let at = bytes.indexOf(bracket); at >= 0; at = bytes.indexOf(bracket, at + 1)) {
      if (++openings > MOST_LEVELS) return true;
    }
  }
  return false;
}

function checkNesting(bytes: Uint8Array): void {
  if (!opensMany(bytes)) return;
  let level = 0;
  for (let at = 0, inString = false; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) inString = !inString;
    else if (inString) at += Number(byte === 0x5c);
    else if (byte === 0x5b || byte === 0x7b) level++;
    else if (byte === 0x5d || byte === 0x7d) level--;
    if (level > MOST_LEVELS) throw new Problem(400, `the body nests deeper than ${MOST_LEVELS} levels at byte ${at}`);
  }
}

/** A value in a message: what it is, and the value itself when it is short. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value === null || typeof value !== "object" && typeof value !== "string") return String(value);
  return typeof value === "string" ? "a string" : "an object";
}

/** How many labels an answer lists. */
export function checkTop(top: unknown, limits: Limits, pointer?: string): number {
  if (typeof top !== "number" || !Number.isInteger(top) || top < 1 || top > limits.top) {
    throw new Problem(422, `top is ${nameOf(top)}, wanted a whole number from 1 to ${limits.top}`, { pointer });
  }
  return top;
}

/** How many labels an object of samples asks for. */
export function readTop(body: unknown, limits: Limits): number | undefined {
  const top = typeof body === "object" && body !== null && !Array.isArray(body)
    ? (body as { top?: unknown }).top
    : undefined;
  return top === undefined ? undefined : checkTop(top, limits, "/top");
}

/** Where the one sample of a body stands in it. */
export function pointerOf(batch: { id?: unknown; wrapped?: boolean }): string {
  return batch.wrapped ? "/input" : "";
}

/** The samples of a JSON value. */
export function readJson(model: ServedModel, body: unknown, limits: Limits): Batch & { wrapped?: boolean } {
  const isText = model.classifier.input.kind === "text";
  const sample = isText ? "a string" : `an array of ${model.features} numbers`;
  const one = (value: unknown, pointer: string): ArrayLike<number> | string => {
    if (isText) return readText(value, { limits, pointer });
    if (!Array.isArray(value) || value.length !== model.features) {
      throw new Problem(422, `found ${nameOf(value)}, wanted ${sample}`, { pointer });
    }
    return value;
  };
  const many = (values: unknown[], pointer: string): Batch =>
    isText
      ? {
        samples: values.map((value, i) => readText(value, { limits, pointer: `${pointer}/${i}` })),
        count: values.length,
      }
      : readRows(model, values, { limits, pointer });
  if (Array.isArray(body)) {
    return isText || body.length === 0 || Array.isArray(body[0]) ? many(body, "") : { one: one(body, "") };
  }
  if (typeof body === "string" && isText) return { one: one(body, "") };
  if (typeof body !== "object" || body === null) {
    throw new Problem(
      422,
      `found ${nameOf(body)}, wanted ${sample}, an array of such, or an object with "input" or "inputs"`,
      {
        pointer: "",
      },
    );
  }
  const { input, inputs, id } = body as { input?: unknown; inputs?: unknown; id?: unknown };
  if ((input === undefined) === (inputs === undefined)) {
    throw new Problem(
      422,
      `the object has ${input === undefined ? "neither" : "both"} "input" ${
        input === undefined ? "nor" : "and"
      } "inputs", wanted one of them`,
      {
        pointer: "",
      },
    );
  }
  if (inputs === undefined) return { one: one(input, "/input"), id, wrapped: true };
  if (!Array.isArray(inputs)) {
    throw new Problem(422, `found ${nameOf(inputs)}, wanted an array of samples`, { pointer: "/inputs" });
  }
  return many(inputs, "/inputs");
}

/** A text that is not too long. */
export function readText(value: unknown, { limits, pointer }: { limits: Limits; pointer: string }): string {
  if (typeof value !== "string") throw new Problem(422, `found ${nameOf(value)}, wanted a string`, { pointer });
  if (value.length > limits.textLength) {
    const detail = `a text of ${value.length} UTF-16 code units, wanted at most ${limits.textLength}`;
    throw new Problem(413, detail, { pointer });
  }
  return value;
}

/** Rows of numbers one after the other, each checked, since typed arrays would take anything. */
function readRows(
  { classifier: { input }, features }: ServedModel,
  rows: unknown[],
  { limits, pointer }: { limits: Limits; pointer: string },
): Batch {
  if (rows.length > limits.batch) {
    throw new Problem(413, `a batch of ${rows.length} samples, wanted at most ${limits.batch}`, { pointer });
  }
  const isImage = input.kind === "image";
  const samples = new (isImage ? Uint8Array : Float64Array)(rows.length * features);
  let to = 0;
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== features) {
      const detail = `found ${nameOf(row)}, wanted an array of ${features} numbers`;
      throw new Problem(422, detail, { pointer: `${pointer}/${i}` });
    }
    for (let j = 0; j < features; j++) {
      const value = row[j];
      if (isImage ? (value & 255) !== value : !Number.isFinite(value)) {
        const detail = `found ${nameOf(value)}, wanted ${isImage ? "an integer 0...255" : "a finite number"}`;
        throw new Problem(422, detail, { pointer: `${pointer}/${i}/${j}` });
      }
      samples[to++] = value;
    }
  });
  return { samples, count: rows.length };
}

/** Samples of bytes, or of float32 numbers, the lowest byte first. */
export function readBytes({ classifier: { input }, features }: ServedModel, bytes: Uint8Array): Batch {
  const width = takesBytes(input) ? 1 : 4;
  const count = bytes.length / (features * width);
  if (!Number.isInteger(count) || count === 0) {
    const wanted = `${features * width} bytes a sample${width > 1 ? `, ${features} float32 numbers` : ""}`;
    throw new Problem(422, `found ${bytes.length} bytes, wanted a multiple of ${wanted}`);
  }
  let samples: ArrayLike<number> = bytes;
  if (width > 1) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    samples = Float32Array.from({ length: bytes.length / width }, (_, i) => view.getFloat32(width * i, true));
  }
  return count === 1 ? { one: samples } : { samples, count };
}
