/**
 * `embed`: a module that holds a packed model, ready to classify.
 */
import { writeFileWhole } from "../data/mod.ts";
import { embedModel } from "../serve/mod.ts";
import { checkWritable } from "./check_writable.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { count } from "./format.ts";
import { naming, readModelBytes } from "./model.ts";
import { text } from "./option_values.ts";
import { OUT_PERMISSION } from "./permissions.ts";

const OPTIONS = {
  out: { value: "FILE", help: "the module, .ts, .js or .mjs", parse: text, required: true },
  import: {
    value: "PACKAGE",
    help: "import the runtime from there, such as jsr:@neuralbits/projectionnet (otherwise the module contains it)",
    parse: text,
  },
} as const;

async function run({ options, positionals, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const [path] = positionals;
  const { out, import: from } = options;
  const kind = /\.(ts|m?js)$/.exec(out)?.[1];
  if (kind === undefined) throw new UsageError(`--out ${out}: wanted a name that ends in .ts, .js or .mjs`);
  await checkWritable(out);
  const bytes = await readModelBytes(path);
  const source = await naming(path, () => embedModel(bytes, { package: from, typescript: kind === "ts" }));
  const module = new TextEncoder().encode(source);
  await writeFileWhole(out, module);
  await output.show(
    `${out}: ${count(module.length)} bytes, with a model of ${count(bytes.length)} bytes as the default export`,
  );
  await output.result({ out, bytes: module.length, modelBytes: bytes.length });
  return 0;
}

/** The command `embed`. */
export const command: Command = defineCommand({
  name: "embed",
  description:
    "Writes a module whose default export is the model, ready to classify. It contains the runtime and needs nothing else, in Deno, Node, browsers and workers; " +
    "--import takes the runtime from a package instead.",
  positionals: [{ name: "MODEL", help: "a packed model (.pnet)" }],
  options: OPTIONS,
  permissions: [["--allow-read=MODEL", "the model"], OUT_PERMISSION],
  examples: [
    "% embed digits.pnet --out digits.ts",
    "% embed spam.pnet --out spam.ts --import jsr:@neuralbits/projectionnet",
  ],
  run,
});
