/**
 * Texts a second from the raw string to the label, 100 bytes each, on one thread, against other language identifiers in one run: npm tinyld, eld, and fastText
 * (its model lid.176.ftz) compiled to WebAssembly.
 *
 *     deno task bench:text --data TEXTS [--model FILE.pnet] [--rounds N] [--seconds S] [--json]
 *
 * TEXTS are labelled texts in any form that `train --task text` reads; pieces of 100 bytes of them are identified. Without `--model` a model of 8,192 bits is
 * trained on them first. How often each contestant names the language is no part of this: they know different languages and call them by different names.
 * A table goes to standard error; `--json` puts one object on the last line of standard output. Rates are medians over rounds; ratios are medians of the
 * ratios within a round, in which all contestants ran one after the other.
 */
import { parseArgs } from "@std/cli/parse-args";
import { eld } from "npm:eld@2.1.0/small";
import { getLIDModel } from "npm:fasttext.wasm.js@1.0.0";
import { detect } from "npm:tinyld@1.3.4";
import { loadPnet, loadTexts, trainTexts, useKernels } from "../mod.ts";
import { type Entry, interleave } from "./interleave.ts";
import { medianRatio, medianSample } from "./statistics.ts";

const BYTES = 100, TEXTS = 512;

/** Pieces of so many bytes, of texts spread over the data; their last character may reach over the end. */
function cutPieces(texts: readonly string[]): string[] {
  const encoder = new TextEncoder();
  const pieces = texts.flatMap((text) => {
    let bytes = 0, end = 0;
    for (const character of text) {
      if (bytes >= BYTES) break;
      bytes += encoder.encode(character).length;
      end += character.length;
    }
    return bytes < BYTES ? [] : [text.slice(0, end)];
  });
  const count = Math.min(TEXTS, pieces.length);
  return Array.from({ length: count }, (_, i) => pieces[Math.floor(i * pieces.length / count)]);
}

const { data: path, model, rounds = "20", seconds = "0.2", json } = parseArgs(Deno.args, {
  string: ["data", "model", "rounds", "seconds"],
  boolean: ["json"],
});
if (path === undefined) throw new Error("--data TEXTS is missing: labelled texts, such as lines of JSON");
useKernels({ threads: 1 });
const data = await loadTexts(path);
const bytes = model === undefined
  ? (await trainTexts({ data, projections: [{ functions: 8192 }], epochs: 4 })).networks[0].bytes
  : await Deno.readFile(model);
const classifier = await loadPnet(bytes);
const fastText = await getLIDModel();
await fastText.load();
const pieces = cutPieces(data.texts);
if (pieces.length === 0) throw new Error(`${path}: no text of ${BYTES} bytes`);

/** Something that identifies a text; `steps` texts are timed together. */
const contestant = (name: string, identify: (text: string) => unknown): Entry => ({
  name,
  threads: 1,
  training: {
    run: async (steps: number): Promise<number> => {
      for (let i = 0; i < steps; i++) {
        const answer = identify(pieces[i % pieces.length]);
        if (answer instanceof Promise) await answer;
      }
      return 0;
    },
    dispose: () => {},
  },
});
const entries = [
  contestant("projectionnet", (text) => classifier.classify(text)),
  contestant("tinyld", (text) => detect(text)),
  contestant("eld", (text) => eld.detect(text)),
  contestant("fasttext.wasm.js", (text) => fastText.identify(text)),
];
const samples = await interleave(entries, { rounds: Number(rounds), seconds: Number(seconds), pinning: null });
const rows = entries.map(({ name }, i) => ({
  name,
  textsPerSecond: 1 / medianSample(samples[i]),
  timesAsFast: i === 0 ? 1 : medianRatio(samples[i], samples[0]),
}));
for (const { name, textsPerSecond, timesAsFast } of rows) {
  console.error(`${name.padEnd(18)} ${textsPerSecond.toFixed(0).padStart(9)} texts/s  1/${timesAsFast.toFixed(1)}`);
}
const fastest = Math.min(...rows.slice(1).map(({ timesAsFast }) => timesAsFast));
if (json) {
  console.log(JSON.stringify({ rows, timesTheFastest: fastest, texts: pieces.length, modelBytes: bytes.length }));
}
