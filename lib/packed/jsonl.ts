/**
 * JSON lines in, JSON lines out: what the command line's `predict` and the service have in common, for any stream of bytes.
 *
 * A line is an array of numbers, or an object with `input` (that array) and optionally `id`, which is passed through; a model of texts takes a string in
 * place of the array. Each line is answered with a line, in order and as lines come; one that cannot be classified with an object that has `error` and `line`.
 * Blank lines are skipped, but count in line numbers.
 *
 * @example
 * ```ts ignore
 * import { loadPnet } from "@neuralbits/projectionnet/runtime";
 * import { classifyLines } from "@neuralbits/projectionnet/runtime/jsonl";
 *
 * const { body } = await fetch("samples.jsonl");
 * for await (const answers of classifyLines(loadPnet(bytes), body!, { top: 3 })) console.log(answers.trimEnd());
 * ```
 *
 * @module
 */

import type { Classification, Classifier } from "./classifier.ts";
import { InputError } from "./errors.ts";
import { type Line, readLines } from "./lines.ts";

/** What an answer says. */
export interface AnswerOptions {
  /** How many of the most probable labels are listed beside the first; none when left out. */
  top?: number;
}

/** Writes an answer as a JSON object, after an identifier when there is one. */
export type AnswerWriter = (answer: Classification, id?: unknown) => string;

/** Six digits after the point are more than a probability from float32 logits is worth. */
function rounded(probability: number): number {
  return Math.round(probability * 1e6) / 1e6;
}

/**
 * The most probable classes of an answer.
 *
 * @param probabilities of the answer
 * @param count how many are wanted
 * @returns their numbers, the most probable first, the lowest number first on a tie
 */
export function topClasses(probabilities: Float32Array, count: number): number[] {
  const order = Array.from(probabilities, (_, i) => i).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  return order.slice(0, count);
}

/**
 * Prepares the writing of answers: `label`, `probability`, `rejected` from models that reject, and `top` when it is asked for.
 *
 * @param classifier gave the answers
 * @param options what they say
 * @returns writes one answer, without a line end
 */
export function answerWriter({ labels }: Classifier, { top }: AnswerOptions = {}): AnswerWriter {
  const quoted = labels.map((label) => JSON.stringify(label));
  const entry = (index: number, probability: number): string =>
    `"label":${quoted[index]},"probability":${rounded(probability)}`;
  return ({ index, probability, probabilities, rejected }, id) => {
    let json = `{${id === undefined ? "" : `"id":${JSON.stringify(id)},`}${entry(index, probability)}`;
    if (rejected !== undefined) json += `,"rejected":${rejected}`;
    if (top !== undefined) {
      json += `,"top":[${topClasses(probabilities, top).map((i) => `{${entry(i, probabilities[i])}}`).join()}]`;
    }
    return `${json}}`;
  };
}

/** Options of {@linkcode classifyLines}. */
export interface LinesOptions extends AnswerOptions {
  /** For a model of texts: each line is a text as it is, not JSON. */
  raw?: boolean;
  /** The longest line that is read, in bytes (default 16 MB). */
  maxLineBytes?: number;
  /** The longest text, in UTF-16 code units; any when left out. */
  maxTextLength?: number;
  /** Called with the number of each line that cannot be classified, and why. */
  onProblem?(line: number, problem: string): void;
  /** Called with the number of samples that were classified since the last call. */
  onClassified?(samples: number): void;
}

/**
 * Classifies a stream of lines.
 *
 * @param classifier a model
 * @param stream bytes in UTF-8
 * @param options what lines and answers look like
 * @returns the answers to the lines that each chunk of the stream completes, a line end after each; memory is that of a chunk and a line
 */
export async function* classifyLines(
  classifier: Classifier,
  stream: AsyncIterable<Uint8Array>,
  options: LinesOptions = {},
): AsyncGenerator<string> {
  const { raw = false, maxLineBytes, maxTextLength = Infinity, onProblem, onClassified } = options;
  const write = answerWriter(classifier, options);
  const isText = classifier.input.kind === "text";
  for await (const lines of readLines(stream, maxLineBytes)) {
    let answers = "", classified = 0;
    for (const line of lines) {
      if (line.text?.trim() === "") continue;
      try {
        const { input, id } = readRequest(line, { isText, raw });
        if (input.length > maxTextLength && isText) {
          throw new LineError(`a text of ${input.length} UTF-16 code units, wanted at most ${maxTextLength}`, id);
        }
        answers += `${write(classify(classifier, input, id), id)}\n`;
        classified++;
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        onProblem?.(line.number, error.message);
        const id = error.id === undefined ? {} : { id: error.id };
        answers += `${JSON.stringify({ ...id, error: error.message, line: line.number })}\n`;
      }
    }
    onClassified?.(classified);
    yield answers;
  }
}

/** A line that cannot be classified; the message says why. */
class LineError extends Error {
  constructor(message: string, readonly id?: unknown) {
    super(message);
  }
}

interface LineRequest {
  input: number[] | string;
  id?: unknown;
}

function classify(classifier: Classifier, input: number[] | string, id: unknown): Classification {
  try {
    return classifier.classify(input);
  } catch (error) {
    if (error instanceof InputError) throw new LineError(error.message, id);
    throw error;
  }
}

function readRequest(line: Line, { isText, raw }: { isText: boolean; raw: boolean }): LineRequest {
  if (line.text === undefined) throw new LineError(line.problem ?? "unreadable");
  if (raw) return { input: line.text };
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch (error) {
    throw new LineError(`not JSON: ${(error as Error).message}`);
  }
  if (isText) return readText(value);
  if (Array.isArray(value)) return { input: readNumbers(value) };
  if (typeof value !== "object" || value === null) {
    throw new LineError(
      `${
        typeof value === "object" ? "null" : `a ${typeof value}`
      }, wanted an array of numbers or an object with "input"`,
    );
  }
  const { input, id } = value as { input?: unknown; id?: unknown };
  if (!Array.isArray(input)) {
    throw new LineError(input === undefined ? 'the object has no "input"' : '"input" is no array of numbers', id);
  }
  return { input: readNumbers(input, id), id };
}

function readText(value: unknown): LineRequest {
  if (typeof value === "string") return { input: value };
  const { input, id } = (typeof value === "object" && value !== null ? value : {}) as { input?: unknown; id?: unknown };
  if (typeof input !== "string") throw new LineError('wanted a string, or an object with a string as "input"', id);
  return { input, id };
}

function readNumbers(values: unknown[], id?: unknown): number[] {
  const wrong = values.findIndex((value) => typeof value !== "number");
  if (wrong >= 0) {
    throw new LineError(`value ${wrong} of the input is ${JSON.stringify(values[wrong])}, wanted a number`, id);
  }
  return values as number[];
}
