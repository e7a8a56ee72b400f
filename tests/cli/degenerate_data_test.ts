import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder, lastJson, run } from "./harness.ts";

/** The text of a table with a header. */
const table = (rows: number, row: (i: number) => string): string =>
  `a,b,label\n${Array.from({ length: rows }, (_, i) => row(i)).join("\n")}\n`;
const kind = (i: number): string => i % 2 === 0 ? "x" : "y";

const tables: Record<string, string> = {
  plain: table(60, (i) => `${i % 7},${i % 5},${kind(i)}`),
  constant: table(60, (i) => `5,${i % 7 + 9 * (i % 2)},${kind(i)}`),
  allConstant: table(60, (i) => `5,3,${kind(i)}`),
  oneClass: table(60, (i) => `${i},3,x`),
  few: table(6, (i) => `${i},${i * i % 5},${kind(i)}`),
  duplicates: table(60, (i) => `${i % 2},2,${kind(i)}`),
  contradictions: table(60, (i) => `1,2,${kind(i)}`),
  newLabel: table(10, (i) => `1,2,${i === 4 ? "z" : "x"}`),
  header: table(0, String),
};

async function writeTables(folder: string): Promise<void> {
  for (const [name, text] of Object.entries(tables)) await Deno.writeTextFile(`${folder}/${name}.csv`, text);
}

const quick = ["--trainer-hidden", "8", "--epochs", "4", "--batch", "5", "--learning-rate", "0.05", "--threads", "1"];

Deno.test("train: odd data that can be learnt from give a model whose answers are as good as they can be", () =>
  inFolder(async (folder) => {
    await writeTables(folder);
    const trained: [name: string, args: string[], least: number | null][] = [
      // A column that does not vary says nothing and does no harm.
      ["constant", ["--bits", "16"], 0.9],
      ["allConstant", ["--bits", "16"], 0.5],
      ["allConstant", ["--bits", "16", "--select", "60", "--head", "ternary", "--normalize"], 0.5],
      ["allConstant", ["--bits", "16", "--thresholds", "auto", "--trainer", "lstm"], 0.5],
      // More bits than samples, and a last batch of one row.
      ["few", ["--bits", "720", "--validation", "0"], null],
      ["few", ["--bits", "64", "--select", "900", "--validation", "0.34"], 0],
      ["few", ["--bits", "16", "--normalize", "--validation", "0"], null],
      // Equal rows, on both sides of the split as well.
      ["duplicates", ["--bits", "16"], 1],
      ["contradictions", ["--bits", "16"], 0.5],
      ["plain", ["--bits", "16", "--validation", "0"], null],
    ];
    for (const [name, args, least] of trained) {
      const out = `${folder}/model.pnet`;
      const outcome = await run([
        "train",
        "--data",
        `${folder}/${name}.csv`,
        ...quick,
        ...args,
        "--out",
        out,
        "--json",
      ]);
      const said = `${name} ${args.join(" ")}: ${outcome.err}`;
      assertEquals(outcome.code, 0, said);
      const { validationAccuracy } = lastJson(outcome) as { validationAccuracy: number | null };
      if (least === null) assertEquals(validationAccuracy, null, said);
      else assert(validationAccuracy !== null && validationAccuracy >= least, `${validationAccuracy}: ${said}`);
      const predicted = await run(["predict", out, "--json"], `{"input":[1,2]}\n`);
      const { label, probability } = lastJson(predicted) as { label: string; probability: number };
      assert(["x", "y"].includes(label) && probability >= 0.5 && probability <= 1, predicted.out);
      if (name === "duplicates") assertEquals(label, "y");
    }
  }));

Deno.test("train: data that cannot be learnt from are refused with the reason, and no model is written", () =>
  inFolder(async (folder) => {
    await writeTables(folder);
    const few = (name: string): string => `${folder}/${name}.csv`;
    const refused: [args: string[], message: string][] = [
      [["--data", few("oneClass")], "at least 2 classes were wanted, 1 found in"],
      [["--data", few("header")], "no record follows the header, wanted at least one"],
      [
        ["--data", few("plain"), "--validation", "0.001"],
        "is no row at all, wanted more rows or a larger fraction; validation 0 trains without",
      ],
      [["--data", few("plain"), "--validation", few("header")], "no record follows the header"],
      [["--data", few("plain"), "--validation", few("newLabel")], "newLabel.csv has labels that"],
      [["--data", few("plain"), "--test", few("newLabel")], '"z"'],
    ];
    for (const [args, message] of refused) {
      const out = `${folder}/model.pnet`,
        outcome = await run(["train", ...args, ...quick, "--bits", "16", "--out", out]);
      assertEquals(outcome.code, 1, outcome.err);
      assertStringIncludes(outcome.err, message);
      assertEquals(await Deno.stat(out).catch(() => "none"), "none");
    }
  }));
