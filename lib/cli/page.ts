/**
 * `page`: a page to try a packed model, in one file.
 */
import { writeFileWhole } from "../data/mod.ts";
import { renderPage } from "../serve/mod.ts";
import { checkWritable } from "./check_writable.ts";
import { type Command, defineCommand, type Invocation } from "./command.ts";
import { count } from "./format.ts";
import { modelName, naming, readModelBytes } from "./model.ts";
import { text } from "./option_values.ts";
import { OUT_PERMISSION } from "./permissions.ts";

const OPTIONS = {
  out: { value: "FILE", help: "the page", parse: text, required: true },
  title: { value: "TEXT", help: "its heading (otherwise the model's name)", parse: text },
} as const;

async function run({ options, positionals, output }: Invocation<typeof OPTIONS>): Promise<number> {
  const [path] = positionals;
  const { out, title = modelName(path) } = options;
  await checkWritable(out);
  const bytes = await readModelBytes(path);
  const page = new TextEncoder().encode(await naming(path, () => renderPage(bytes, { title })));
  await writeFileWhole(out, page);
  await output.show(`${out}: ${count(page.length)} bytes, with a model of ${count(bytes.length)} bytes`);
  await output.result({ out, bytes: page.length, modelBytes: bytes.length });
  return 0;
}

/** The command `page`. */
export const command: Command = defineCommand({
  name: "page",
  description:
    "Writes a page on which a model is tried: draw, type or fill in, and the model answers in the browser. The file needs nothing else, no server and no network.",
  positionals: [{ name: "MODEL", help: "a packed model (.pnet)" }],
  options: OPTIONS,
  permissions: [["--allow-read=MODEL", "the model"], OUT_PERMISSION],
  examples: ["% page digits.pnet --out digits.html"],
  run,
});
