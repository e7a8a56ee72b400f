/**
 * The cold start of a model: processes that load a runtime and a model and give a first answer, against processes that do nothing, in turn, medians. Caches are
 * warm, types are not checked. `module` is what `embed` writes, runtime and model in one file; `sources` imports the runtime and reads the file beside it.
 *
 *     deno task bench:cold [--pairs N] [--json]
 *
 * The models have fresh weights, for neither loading nor answering depends on what has been learned.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { decodePnet, encodePnet } from "../lib/packed/mod.ts";
import { embedModel } from "../lib/serve/mod.ts";
import { runtimeFor } from "../lib/serve/runtime_for.ts";
import { DIGITS } from "../tests/serve/digits.ts";
import { makeTextModel } from "../tests/packed/text_models.ts";
import { pairsOf, timePrograms } from "./load.ts";
import { packModel } from "./packed_model.ts";
import { median } from "./statistics.ts";

const PIXELS = "Uint8Array.from({ length: 784 }, (_, i) => i % 7 < 5 ? 0 : i & 255)";

const MODELS = [
  {
    name: "image, 720 bits",
    file: encodePnet(packModel({ family: "hadamard", head: "ternary", bits: 720 }).model),
    sample: PIXELS,
  },
  { name: "image, filters", file: Uint8Array.fromBase64(DIGITS), sample: PIXELS },
  {
    name: "text, 720 bits",
    file: encodePnet(makeTextModel({ bitsPerFunction: 40 })),
    sample: JSON.stringify("Congratulations! You have won a prize; call 0900 1234567 now to claim it."),
  },
];

/** What one program costs. */
interface ColdStart {
  model: string;
  program: "module" | "sources";
  entry: string;
  modelBytes: number;
  /** Median of the differences to the empty program, pair by pair. */
  milliseconds: number;
}

const options = parseArgs(Deno.args, { string: ["pairs"], boolean: ["json"] });
const pairs = pairsOf(options.pairs, 31);
const folder = await Deno.makeTempDir({ prefix: "projectionnet-cold-" });
const programs: { path: string; start?: Omit<ColdStart, "milliseconds"> }[] = [];
try {
  const write = async (source: string, start?: Omit<ColdStart, "milliseconds">): Promise<void> => {
    const path = `${folder}/program_${programs.length}.js`;
    await Deno.writeTextFile(path, source);
    programs.push({ path, start });
  };
  await write("");
  for (const [number, { name, file, sample }] of MODELS.entries()) {
    const embedded = `${folder}/model_${number}.js`, packed = `${folder}/model_${number}.pnet`;
    await Deno.writeTextFile(embedded, await embedModel(file, { typescript: false }));
    await Deno.writeFile(packed, file);
    const model = decodePnet(file), { entry } = runtimeFor(model);
    const answer = `if (!${
      JSON.stringify(model.labels)
    }.includes(classifier.classify(${sample}).label)) throw new Error();`;
    const about = { model: name, entry, modelBytes: file.length };
    await write(`import classifier from "./model_${number}.js";\n${answer}`, { ...about, program: "module" });
    const runtime = new URL(`../lib/packed/${entry.replace("/", "_")}.ts`, import.meta.url).href;
    await write(
      `import { loadPnet } from "${runtime}";
const classifier = loadPnet(await Deno.readFile("${packed}"));
${answer}`,
      { ...about, program: "sources" },
    );
  }
  const [empty, ...times] = await timePrograms(programs.map(({ path }) => path), pairs);
  const starts = programs.slice(1).map(({ start }, i): ColdStart => ({
    ...start!,
    milliseconds: median(times[i].map((time, pair) => time - empty[pair])),
  }));
  if (options.json) console.log(JSON.stringify({ pairs, emptyMilliseconds: median(empty), starts }));
  else {
    console.log(`an empty program takes ${median(empty).toFixed(1)} ms; until the first answer it takes longer by`);
    for (const { model, program, entry, modelBytes, milliseconds } of starts) {
      console.log(
        `${milliseconds.toFixed(1).padStart(5)} ms  ${model}, ${modelBytes} bytes, ${entry}, ${
          program === "module" ? "one module" : "sources and a file"
        }`,
      );
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
