/**
 * `POST /v1/classify`: from the body of a request to its answers.
 *
 * @module
 */

import { type AnswerWriter, classifyLines } from "../packed/jsonl.ts";
import { InputError, type Samples } from "../packed/mod.ts";
import { type BodyReader, inTime, type Limits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import { type ServedModel, takesBytes } from "./models.ts";
import { Problem } from "./problem.ts";

/** What answering needs of the service. */
export interface ClassifyContext {
  /** What may be asked for. */
  limits: Limits;
  /** Reads bodies. */
  bodies: BodyReader;
  /** Counts samples. */
  metrics: Metrics;
}

/** Several samples, which are answered in a list. */
interface ManySamples {
  samples: Samples;
  count: number;
  one?: undefined;
}

/** One sample or several. */
type Batch = ManySamples | { one: ArrayLike<number> | string; id?: unknown };

/** Samples that are classified without looking at the clock, and the most characters of texts among them. */
const SLICE = 64, SLICE_CHARACTERS = 1 << 16;
/** Milliseconds after which other requests have a turn. */
const TURN = 10;

/** What a body may be. */
const JSON_TYPE = "application/json", BYTES_TYPE = "application/octet-stream", TEXT_TYPE = "text/plain";
const LINES_TYPES = ["application/jsonl", "application/x-ndjson", "application/jsonlines"];

/**
 * Answers a request.
 *
 * @param model classifies
 * @param request the request, its body not read
 * @param context of the service
 * @param asked how many labels each answer lists
 * @returns the response
 * @throws {Problem} when the request cannot be answered
 */
export async function classify(
  model: ServedModel,
  request: Request,
  context: ClassifyContext,
  asked: number | undefined,
): Promise<Response> {
  const type = mediaType(request);
  if (LINES_TYPES.includes(type)) return await answerLines(model, request, context, asked);
  const isText = model.classifier.input.kind === "text";
  if (type !== JSON_TYPE && type !== (isText ? TEXT_TYPE : BYTES_TYPE)) {
    const wanted = [JSON_TYPE, isText ? TEXT_TYPE : BYTES_TYPE, LINES_TYPES[0]];
    throw new Problem(415, `the content type is ${type || "missing"}, wanted ${wanted.join(", ")}`, {
      headers: { "accept-post": wanted.join(", ") },
    });
  }
  return await context.bodies.read(request, (bytes) => {
    const { limits, metrics } = context;
    let top = asked;
    let batch: Batch;
    if (type === BYTES_TYPE) batch = readBytes(model, bytes);
    else if (type === TEXT_TYPE) batch = { one: readText(decode(bytes), { limits, pointer: "" }) };
    else {
      const value = parse(bytes);
      top ??= readTop(value, limits);
      batch = readJson(model, value, limits);
    }
    const write = model.writer(top);
    if (batch.one !== undefined) {
      const answer = classifyOne(model, batch.one, type === JSON_TYPE ? pointerOf(batch) : undefined);
      metrics.samples(model.name, 1);
      return json(write(answer, batch.id));
    }
    return answerBatch(model, batch, write, context);
  });
}

function json(body: string): Response {
  return new Response(body, { headers: { "content-type": JSON_TYPE, "cache-control": "no-store" } });
}

function mediaType(request: Request): string {
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

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Problem(400, "the body is not UTF-8");
  }
}

/** The deepest nesting of a body: a parser takes time and memory for each level, and no sample needs more than three. */
const MOST_LEVELS = 100;

function parse(bytes: Uint8Array): unknown {
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

function readTop(body: unknown, limits: Limits): number | undefined {
  const top = typeof body === "object" && body !== null && !Array.isArray(body)
    ? (body as { top?: unknown }).top
    : undefined;
  return top === undefined ? undefined : checkTop(top, limits, "/top");
}

function pointerOf(batch: { id?: unknown; wrapped?: boolean }): string {
  return batch.wrapped ? "/input" : "";
}

function readJson(model: ServedModel, body: unknown, limits: Limits): Batch & { wrapped?: boolean } {
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

function readText(value: unknown, { limits, pointer }: { limits: Limits; pointer: string }): string {
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
function readBytes({ classifier: { input }, features }: ServedModel, bytes: Uint8Array): Batch {
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

/** Classifies one sample; `pointer` is where it stands in a JSON body. */
function classifyOne({ classifier }: ServedModel, sample: ArrayLike<number> | string, pointer?: string) {
  try {
    return classifier.classify(sample);
  } catch (error) {
    throw refusal(error, pointer, 0);
  }
}

/** The problem behind an error; other errors are given back. */
function refusal(error: unknown, pointer: string | undefined, first: number): unknown {
  if (!(error instanceof InputError)) return error;
  const message = error.message.replace(/^classify: /, "").replace(
    /of sample (\d+)/,
    (_, sample) => `of sample ${first + Number(sample)}`,
  );
  const place = error.feature === undefined || pointer === undefined ? pointer : `${pointer}/${error.feature}`;
  return new Problem(422, message, { pointer: place });
}

async function answerBatch(
  model: ServedModel,
  batch: ManySamples,
  write: AnswerWriter,
  { limits, metrics }: ClassifyContext,
): Promise<Response> {
  if (batch.count > limits.batch) {
    throw new Problem(413, `a batch of ${batch.count} samples, wanted at most ${limits.batch}`);
  }
  const answers = await classifyBatch(model, batch, write, limits);
  metrics.samples(model.name, batch.count);
  return json(`{"model":${JSON.stringify(model.name)},"results":[${answers.join()}]}`);
}

/** Answers of a batch, in slices between which other requests have their turn. */
async function classifyBatch(
  { classifier, features }: ServedModel,
  { samples, count }: ManySamples,
  write: AnswerWriter,
  limits: Limits,
): Promise<string[]> {
  const answers: string[] = [];
  const started = performance.now();
  let turn = started;
  for (let first = 0, end = 0; first < count; first = end) {
    if (typeof samples[0] === "string") {
      const limit = Math.min(count, first + SLICE);
      for (let characters = 0; end < limit && characters < SLICE_CHARACTERS;) {
        characters += (samples[end++] as string).length;
      }
    } else end = Math.min(count, first + SLICE);
    const slice = Array.isArray(samples)
      ? samples.slice(first, end)
      : (samples as Uint8Array).subarray(first * features, end * features);
    try {
      for (const answer of classifier.classifyBatch(slice)) answers.push(write(answer));
    } catch (error) {
      throw refusal(error, undefined, first);
    }
    const now = performance.now();
    if (now - started > limits.milliseconds) {
      const detail = `${end} of ${count} samples took ${limits.milliseconds} ms, wanted a batch that takes less`;
      throw new Problem(413, detail);
    }
    if (now - turn > TURN) {
      await new Promise((resolve) => setTimeout(resolve));
      turn = performance.now();
    }
  }
  return answers;
}

/** Answers JSON lines as they come: problems before the first answer have a status, later ones a line of their own. */
async function answerLines(
  model: ServedModel,
  request: Request,
  { limits, metrics }: ClassifyContext,
  top: number | undefined,
): Promise<Response> {
  const lines = classifyLines(model.classifier, request.body ?? new ReadableStream({ start: (c) => c.close() }), {
    top,
    maxLineBytes: limits.bodyBytes,
    maxTextLength: limits.textLength,
    onClassified: (samples) => metrics.samples(model.name, samples),
  });
  const next = (): Promise<IteratorResult<string>> => inTime(lines.next(), limits.milliseconds, "a line");
  /** Lets go of the body as soon as what is waited for comes or fails. */
  const leave = (): void => void lines.return(undefined).catch(() => {});
  let waiting: IteratorResult<string> | undefined;
  try {
    waiting = await next();
  } catch (error) {
    leave();
    throw error instanceof Problem ? error : new Problem(400, `the body broke off: ${(error as Error).message}`);
  }
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        let answers = "";
        while (answers === "") {
          const { value, done } = waiting ?? await next();
          waiting = undefined;
          if (done) return controller.close();
          answers = value;
        }
        controller.enqueue(encoder.encode(answers));
      } catch (error) {
        leave();
        // The status has been sent, so that only a line can tell.
        controller.enqueue(encoder.encode(`${JSON.stringify({ error: (error as Error).message })}\n`));
        controller.close();
      }
    },
    async cancel() {
      await lines.return(undefined);
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-type": LINES_TYPES[0], "cache-control": "no-store" } });
}
