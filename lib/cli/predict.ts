/**
 * `predict`: JSON lines in, JSON lines out, in order and as they come.
 */
import { classifyLines } from "../packed/jsonl.ts";
import { readModel, RUNTIME } from "./classifier.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { readFailure } from "./model.ts";
import { UsageError } from "./errors.ts";
import { integer } from "./option_values.ts";
import { flag } from "./options.ts";

const OPTIONS = {
  top: { value: "K", help: "add the K most probable labels to each answer", parse: integer({ min: 1 }) },
  raw: flag("for a model of texts: each line is a text as it is, not JSON"),
  runtime: RUNTIME,
} as const;

async function openInput(file: string, stdin: () => ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  if (file === "-") return stdin();
  try {
    return (await Deno.open(file)).readable;
  } catch (error) {
    throw new Error(`cannot read ${file}: ${readFailure(error)}`, { cause: error });
  }
}

async function run({ options, positionals, io, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const [modelPath, file = "-"] = positionals;
  const { classifier } = await readModel(modelPath, options.runtime);
  if (options.raw && classifier.input.kind !== "text") {
    throw new UsageError(`--raw is for models of texts, and ${modelPath} takes numbers`);
  }
  const input = await openInput(file, () => io.stdin);
  let failures = 0;
  const onProblem = (line: number, problem: string): void => {
    failures++;
    output.note(`line ${line}: ${problem}`);
  };
  const { top, raw } = options;
  for await (const answers of classifyLines(classifier, input, { top, raw, onProblem })) await io.writeOut(answers);
  return failures > 0 ? 1 : 0;
}

/** The command `predict`. */
export const command: Command = defineCommand({
  name: "predict",
  description:
    "Classifies JSON lines and answers each with a JSON line, in order and as they come. A line is an array of numbers, or an " +
    'object with "input" (that array) and optionally "id", which is passed through; a model of texts takes a string in place of the array. A line that cannot be classified gets an object ' +
    'with "error" and "line" in its place, and the exit code is 1 at the end. Blank lines are skipped. The output is JSON with or ' +
    "without --json.",
  positionals: [
    { name: "MODEL", help: "a packed model (.pnet)" },
    { name: "FILE", help: "a file of JSON lines; - or nothing for standard input", optional: true },
  ],
  options: OPTIONS,
  examples: [
    `echo '{"id": 1, "input": [5.1, 3.5, 1.4, 0.2]}' | % predict iris.pnet`,
    "% predict mnist.pnet digits.jsonl --top 3",
    "% predict spam.pnet messages.txt --raw",
  ],
  run,
});
