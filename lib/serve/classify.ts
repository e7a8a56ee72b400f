/**
 * `POST /v1/classify`: from the body of a request to its answers.
 *
 * @module
 */

import { type AnswerWriter, classifyLines } from "../packed/jsonl.ts";
import { InputError } from "../packed/mod.ts";
import { type BodyReader, inTime, type Limits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import type { ServedModel } from "./models.ts";
import { Problem } from "./problem.ts";
import {
  type Batch,
  BYTES_TYPE,
  decode,
  JSON_TYPE,
  LINES_TYPES,
  type ManySamples,
  mediaType,
  parse,
  pointerOf,
  readBytes,
  readJson,
  readText,
  readTop,
  TEXT_TYPE,
} from "./request_samples.ts";

/** What answering needs of the service. */
export interface ClassifyContext {
  /** What may be asked for. */
  limits: Limits;
  /** Reads bodies. */
  bodies: BodyReader;
  /** Counts samples. */
  metrics: Metrics;
}

/** Samples that are classified without looking at the clock, and the most characters of texts among them. */
const SLICE = 64, SLICE_CHARACTERS = 1 << 16;
/** Milliseconds after which other requests have a turn. */
const TURN = 10;

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
