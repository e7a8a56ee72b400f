import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { availableVariants, useKernels } from "../../lib/kernels/mod.ts";
import { loadPnet } from "../../lib/packed/mod.ts";
import { runCli } from "../../lib/cli/mod.ts";
import { command, inFolder, lastJson, pointsTable, run, TestIo, writeLineImages } from "./harness.ts";

/** A training run that takes little time. */
const QUICK = ["--trainer-hidden", "16", "--epochs", "3", "--batch", "16", "--learning-rate", "0.01", "--bits", "8x4"];

const KEYS = [
  "trainerAccuracy",
  "projectionAccuracy",
  "validationAccuracy",
  "bits",
  "modelBytes",
  "trainerParameters",
  "projectionParameters",
  "compressionRatio",
  "byteRatio",
  "seconds",
  "examplesPerSecond",
  "seed",
  "out",
];

async function writePoints(folder: string): Promise<{ train: string; test: string }> {
  const paths = { train: `${folder}/points.csv`, test: `${folder}/more.csv` };
  await Deno.writeTextFile(paths.train, pointsTable({ rows: 300, seed: 1 }));
  await Deno.writeTextFile(paths.test, pointsTable({ rows: 120, seed: 2 }));
  return paths;
}

Deno.test("train, eval, predict, inspect: the whole way with a folder of images", async () => {
  await inFolder(async (folder) => {
    await writeLineImages(folder, { train: 600, test: 150 });
    const model = `${folder}/lines.pnet`;
    const trained = await run(["train", "--data", folder, "--out", model, "--json", "--task", "image", ...QUICK]);
    assertEquals(trained.code, 0, trained.err);
    const report = lastJson(trained);
    for (const key of KEYS) assert(key in report, key);
    assertEquals([report.bits, report.out, report.seed], [32, model, 1]);
    const size = (await Deno.stat(model)).size;
    assertEquals(report.modelBytes, size);
    assertEquals(report.trainerParameters, 64 * 16 + 16 + 16 * 3 + 3);
    assertEquals(report.projectionParameters, 32 * 3 + 3);
    assertEquals(report.compressionRatio, 1091 / 99);
    assertEquals(report.byteRatio, 4 * 1091 / size);
    assert(!("networks" in report));
    assertStringIncludes(trained.err, "projection");

    const evaluated = await run(["eval", model, "--data", folder, "--json"]);
    assertEquals(evaluated.code, 0, evaluated.err);
    const evaluation = lastJson(evaluated);
    assertEquals(evaluation.accuracy, report.projectionAccuracy);
    assertEquals([evaluation.examples, evaluation.modelBytes], [150, size]);
    assertEquals(
      (evaluation.perClass as { label: string; support: number }[]).map(({ label, support }) => [label, support]),
      [
        ["0", 50],
        ["1", 50],
        ["2", 50],
      ],
    );
    assert((evaluation.accuracy as number) > 0.5, `accuracy ${evaluation.accuracy}`);
    assertEquals(evaluation.top3, 1);

    const pixels = Array.from((await Deno.readFile(`${folder}/t10k-images-idx3-ubyte`)).subarray(16));
    const labels = (await Deno.readFile(`${folder}/t10k-labels-idx1-ubyte`)).subarray(8);
    const lines = Array.from(labels, (_, i) => JSON.stringify(pixels.slice(64 * i, 64 * i + 64)));
    const predicted = await run(["predict", model], lines.join("\n"));
    const right = predicted.out.trimEnd().split("\n").filter((line, i) => JSON.parse(line).label === String(labels[i]));
    assertEquals(right.length / labels.length, evaluation.accuracy);

    const inspected = lastJson(await run(["inspect", model, "--json"]));
    assertEquals((inspected.sections as { bytes: number }[]).reduce((sum, { bytes }) => sum + bytes, 0), size);

    const words = await run(["eval", model, "--data", folder, "--split", "train"]);
    assertEquals(words.code, 0);
    assertMatch(words.out, /accuracy +\d+\.\d\d %/);
    assertStringIncludes(words.out, "of 600");
    assertStringIncludes(words.out, "confusion");
  });
});

Deno.test("train: a table, several sizes beside one trainer, test data of its own", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const args = ["train", "--data", paths.train, "--test", paths.test, "--out", `${folder}/points.pnet`, ...QUICK];
    args[args.length - 1] = "4x4,8x8,20";
    const trained = await run([...args, "--json"]);
    assertEquals(trained.code, 0, trained.err);
    const report = lastJson(trained);
    const networks = report.networks as Record<string, unknown>[];
    assertEquals(networks.map(({ bits }) => bits), [16, 64, 20]);
    assertEquals(networks.map(({ out }) => out), ["4x4", "8x8", "20x1"].map((size) => `${folder}/points-${size}.pnet`));
    const best = Math.max(...networks.map(({ validationAccuracy }) => validationAccuracy as number));
    assertEquals(report.validationAccuracy, best);
    assert(networks.some(({ out, bits }) => out === report.out && bits === report.bits));
    for (const { out, projectionAccuracy } of networks) {
      const evaluation = lastJson(await run(["eval", out as string, "--data", paths.test, "--json"]));
      assertEquals(evaluation.accuracy, projectionAccuracy);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "more.csv",
      "points-20x1.pnet",
      "points-4x4.pnet",
      "points-8x8.pnet",
      "points.csv",
    ]);
  });
});

Deno.test("train: a recurrent trainer over the rows of images, and over pieces of a table's rows", async () => {
  await inFolder(async (folder) => {
    await writeLineImages(folder, { train: 300, test: 60 });
    const { train } = await writePoints(folder);
    const common = ["--out", `${folder}/m.pnet`, "--json", ...QUICK];
    const images = await run(["train", "--data", folder, "--task", "sequence", "--bidirectional", ...common]);
    assertEquals(images.code, 0, images.err);
    // Two directions of 16 units over rows of 8 pixels, three classes.
    assertEquals(lastJson(images).trainerParameters, 2 * (8 + 16 + 1) * 64 + 32 * 3 + 3);
    const table = ["train", "--data", train, "--trainer", "lstm", "--trainer-reads", "mean", ...common];
    const values = lastJson(await run(table));
    const pairs = lastJson(await run([...table, "--element", "2"]));
    assertEquals((pairs.trainerParameters as number) - (values.trainerParameters as number), 64);
    const odd = await run([...table, "--element", "1000"]);
    assertEquals(odd.code, 1);
    assertStringIncludes(odd.err, "a divisor of the");
    const feedForward = await run(["train", "--data", folder, "--element", "2", ...common]);
    assertEquals(feedForward.code, 2);
    assertStringIncludes(feedForward.err, "--element is for --trainer lstm, and the trainer is mlp");
  });
});

Deno.test("train: a convolutional trainer, for images alone", async () => {
  await inFolder(async (folder) => {
    await writeLineImages(folder, { train: 300, test: 60 });
    const { train } = await writePoints(folder);
    const options = [
      ...QUICK.slice(2),
      "--trainer",
      "cnn",
      "--trainer-hidden",
      "4",
      "--out",
      `${folder}/m.pnet`,
      "--json",
    ];
    const images = await run(["train", "--data", folder, ...options]);
    assertEquals(images.code, 0, images.err);
    // Two convolutions with normalisation, 8×8 pixels halved to 4×4 with four channels, three classes.
    assertEquals(lastJson(images).trainerParameters, 9 * 4 + 4 + 8 + 9 * 16 + 4 + 8 + 64 * 3 + 3);
    const table = await run(["train", "--data", train, ...options]);
    assertEquals(table.code, 1);
    assertStringIncludes(table.err, "a cnn is for images");
  });
});

Deno.test("train: the same seed gives the same bytes, another seed others", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const bytes = async (name: string, ...more: string[]) => {
      const out = `${folder}/${name}`;
      const { code, err } = await run(["train", "--data", paths.train, "--out", out, ...QUICK, ...more]);
      assertEquals(code, 0, err);
      return await Deno.readFile(out);
    };
    const first = await bytes("a.pnet", "--seed", "5", "--dropout", "0.2", "--hidden", "6");
    assertEquals(await bytes("b.pnet", "--seed", "5", "--dropout", "0.2", "--hidden", "6"), first);
    assertNotEquals(await bytes("c.pnet", "--seed", "6", "--dropout", "0.2", "--hidden", "6"), first);
  });
});

Deno.test("train: without test data there is no test accuracy, and the words go to standard output", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const args = ["train", "--data", paths.train, "--out", `${folder}/p.pnet`, ...QUICK];
    const words = await run(args);
    assertEquals(words.code, 0, words.err);
    assertMatch(words.out, /^network +bits/);
    assertStringIncludes(words.out, `${folder}/p.pnet`);
    const report = lastJson(await run([...args, "--json", "--validation", "0"]));
    assertEquals([report.trainerAccuracy, report.projectionAccuracy, report.validationAccuracy], [null, null, null]);
  });
});

Deno.test("train: without a terminal the end of training is told, with and without validation data", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    for (const validation of ["0.1", "0"]) {
      const args = ["--data", paths.train, "--out", `${folder}/p.pnet`, "--validation", validation, ...QUICK];
      const { code, err } = await run(["train", ...args]);
      assertEquals(code, 0, err);
      assertMatch(err, /^epoch 3\/3: 100%.*loss/m);
    }
  });
});

Deno.test("train: test values beyond those of the training data are limited, and the report is that of eval", async () => {
  await inFolder(async (folder) => {
    const rows = Array.from({ length: 60 }, (_, i) => `${(i * 7) % 40},${(i * 11) % 40},${i % 2 ? "odd" : "even"}`);
    const [data, test, out] = ["bytes.csv", "beyond.csv", "b.pnet"].map((name) => `${folder}/${name}`);
    await Deno.writeTextFile(data, `${rows.join("\n")}\n`);
    await Deno.writeTextFile(test, "300,-4,odd\n1.5,1e9,even\n5,6,odd\n");
    const trained = await run(["train", "--data", data, "--test", test, "--out", out, "--json", ...QUICK]);
    assertEquals(trained.code, 0, trained.err);
    const evaluated = await run(["eval", out, "--data", test, "--json"]);
    assertEquals(evaluated.code, 0, evaluated.err);
    assertEquals(lastJson(evaluated).accuracy, lastJson(trained).projectionAccuracy);
  });
});

Deno.test("train: every option reaches the training", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const base = ["train", "--data", paths.train, "--validation", paths.test, "--out", `${folder}/p.pnet`, ...QUICK];
    const bytes = async (...more: string[]) => {
      const { code, err } = await run([...base, ...more]);
      assertEquals(code, 0, err);
      return (await Deno.readFile(`${folder}/p.pnet`)).join();
    };
    const variants: string[][] = [
      [],
      ["--projection", "sign"],
      ["--projection", "hadamard"],
      ["--projection", "taps", "--taps", "2"],
      ["--projection", "taps", "--taps", "3"],
      ["--thresholds", "zero"],
      ["--thresholds", "median"],
      ["--thresholds", "spread"],
      ["--select", "90"],
      ["--select", "80"],
      ["--select", "90", "--select-by", "prune"],
      ["--hidden", "5"],
      ["--head", "int8"],
      ["--head", "int4"],
      ["--head", "ternary"],
      ["--head", "binary"],
      ["--head", "table"],
      ["--head", "table-int4"],
      ["--head", "table-ternary"],
      ["--hidden", "5", "--head", "int4,ternary"],
      ["--hidden", "5", "--head", "int4,ternary", "--normalize"],
      ["--hidden", "5", "--head", "int4,ternary", "--ternary-threshold", "1.5"],
      ["--hidden", "5", "--head", "int4,ternary", "--code-dropout", "0.2"],
      ["--hidden", "5", "--head", "table,binary"],
      ["--lambda", "1,0.9,0.3"],
      ["--lambda", "1,0.9,0.3", "--temperature", "3"],
      ["--lambda", "1,0.9,0.3", "--trainer-learns"],
      ["--dropout", "0.5", "--lambda", "1,0.9,0.3"],
      ["--patience", "1", "--hidden", "7"],
      ["--dropout", "0.3", "--lambda", "0.5,0.9,0.3"],
      ["--label", "4", "--header", "yes", "--seed", "9"],
    ];
    const files: string[] = [];
    for (const variant of variants) files.push(await bytes(...variant));
    files.forEach((file, i) => {
      const same = files.findIndex((other) => other === file);
      assertEquals(variants[same], variants[i]);
    });
  });
});

Deno.test("train: every option of images reaches the training, and the files do what was measured", async () => {
  await inFolder(async (folder) => {
    await writeLineImages(folder, { train: 300, test: 90 });
    const files = new Map<string, string[]>();
    const variants: string[][] = [
      ["--projection", "patch", "--bits", "12"],
      ["--projection", "patch", "--bits", "12", "--patch", "2-3"],
      ["--projection", "patch", "--bits", "12", "--patch", "5"],
      ["--projection", "patch", "--bits", "12", "--select", "100"],
      ["--projection", "patch", "--bits", "12", "--select", "100", "--select-by", "prune", "--thresholds", "median"],
      ["--projection", "patch", "--bits", "12", "--thresholds", "auto", "--select", "50"],
      ["--projection", "conv", "--bits", "3"],
      ["--projection", "conv", "--bits", "3x16", "--filter", "4", "--cell", "2", "--cell-stride", "1"],
      ["--projection", "conv", "--bits", "3", "--stride", "2"],
      ["--projection", "conv", "--bits", "3", "--filter-quantile", "0.7"],
      ["--projection", "conv", "--bits", "3", "--filter-quantile", "0.5-0.9"],
      ["--projection", "conv", "--bits", "3", "--reads", "counts"],
      ["--projection", "conv", "--bits", "3", "--reads", "counts", "--head", "ternary", "--hidden", "6"],
      ["--projection", "conv", "--bits", "3", "--reads", "counts", "--head", "ternary", "--normalize"],
      ["--projection", "conv", "--bits", "3", "--reads", "counts", "--head", "int8", "--select", "20"],
    ];
    for (const variant of variants) {
      const out = `${folder}/lines.pnet`;
      const trained = await run(["train", "--data", folder, "--out", out, "--json", ...QUICK.slice(0, -2), ...variant]);
      assertEquals(trained.code, 0, `${variant.join(" ")}: ${trained.err}`);
      const evaluation = lastJson(await run(["eval", out, "--data", folder, "--json"]));
      assertEquals(evaluation.accuracy, lastJson(trained).projectionAccuracy);
      const bytes = (await Deno.readFile(out)).join();
      assert(!files.has(bytes), `${variant.join(" ")} is the same as ${files.get(bytes)?.join(" ")}`);
      files.set(bytes, variant);
      const inspected = await run(["inspect", out]);
      assertStringIncludes(inspected.out, variant[1]);
    }
  });
});

Deno.test("train: each smaller precision makes a smaller file", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const sizes = [];
    for (const head of ["float", "int8", "int4", "ternary", "binary"]) {
      const out = `${folder}/${head}.pnet`;
      const { code, err } = await run(["train", "--data", paths.train, "--out", out, "--head", head, ...QUICK]);
      assertEquals(code, 0, err);
      loadPnet(await Deno.readFile(out));
      sizes.push((await Deno.stat(out)).size);
    }
    assertEquals(sizes, sizes.toSorted((a, b) => b - a));
    assertEquals(new Set(sizes).size, sizes.length);
  });
});

Deno.test("train: what does not go together is refused before training", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    await writeLineImages(folder, { train: 30, test: 12 });
    const out = `${folder}/p.pnet`;
    const short = `${folder}/short.csv`;
    await Deno.writeTextFile(short, "1,2,ash\n3,4,beech\n");
    const strange = `${folder}/strange.csv`;
    await Deno.writeTextFile(strange, "height,width,gloss,age,label\n1,2,3,4,elm\n1,2,3,4,ash\n");
    const ragged = `${folder}/ragged.csv`;
    await Deno.writeTextFile(ragged, "height,width,gloss,age,label\n1,2,3,4,ash\n1,2,3,ash\n");
    const wordy = `${folder}/wordy.csv`;
    await Deno.writeTextFile(wordy, "height,width,gloss,age,label\n1,2,3,old,ash\n");
    const grey = `${folder}/grey.csv`;
    const pixels = new Array(64).fill(7);
    await Deno.writeTextFile(grey, `${[...pixels, 1]}\n${[...pixels.with(3, 0.5), 2]}\n`);
    const wrong: [args: string[], code: number, message: string][] = [
      [["--data", paths.train, "--taps", "3"], 2, "--taps is for --projection taps"],
      [["--data", paths.train, "--head", "int8,int8"], 2, "--head int8,int8: wanted one type, or --hidden with two"],
      [["--data", paths.train, "--hidden", "4", "--head", "int8,int4,int8"], 2, "wanted one type or two"],
      [["--data", paths.train, "--hidden", "4", "--head", "int8,table"], 2, "tables are for the first layer"],
      [["--data", paths.train, "--head", "table", "--bits", "2x13"], 2, "wanted at most 12 bits"],
      [["--data", paths.train, "--ternary-threshold", "1", "--head", "int8"], 2, "--head is int8"],
      [["--data", paths.train, "--head", "table", "--code-dropout", "0.2"], 2, "whose tables read every bit"],
      [
        ["--data", paths.train, "--code-dropout", "1"],
        2,
        "--code-dropout 1: wanted a number of at least 0 and below 1",
      ],
      [["--data", folder, "--projection", "conv", "--filter-quantile", "0.9-0.5"], 2, "the smaller first"],
      [["--data", paths.train, "--patience", "2", "--validation", "0"], 2, "--validation 0 leaves none"],
      [["--data", paths.train, "--thresholds", "auto", "--validation", "0"], 2, "--validation 0 leaves none"],
      [
        ["--data", paths.train, "--kernels", "reference", "--threads", "2"],
        2,
        "--threads 2 is for kernels in WebAssembly",
      ],
      [["--data", paths.train, "--temperature", "2", "--lambda", "1,0,1"], 2, "--temperature is for the second loss"],
      [["--data", paths.train, "--trainer-learns", "--lambda", "1,0,1"], 2, "--trainer-learns is for the second loss"],
      [["--data", paths.train, "--patch", "1-2"], 2, "--patch is for --projection patch"],
      [["--data", paths.train, "--patch", "3-2", "--projection", "patch"], 2, 'two numbers such as "4-20"'],
      [["--data", paths.train, "--reads", "counts"], 2, "--reads is for --projection conv"],
      [
        ["--data", folder, "--projection", "conv", "--reads", "counts", "--thresholds", "mean"],
        2,
        "--thresholds cuts bits",
      ],
      [["--data", paths.train, "--select-by", "prune"], 2, "--select-by is for --select"],
      [["--data", paths.train, "--select", "719"], 2, "at least the 720"],
      [["--data", paths.train, "--projection", "patch"], 1, "needs images"],
      [["--data", folder, "--projection", "conv", "--filter", "9"], 1, "filter is 9, wanted an integer 1...8"],
      [["--data", folder, "--projection", "conv", "--bits", "4x3"], 1, "for each of its 16 cells"],
      [["--data", folder, "--projection", "patch", "--patch", "9"], 1, "smallest is 9"],
      [["--data", paths.train, "--task", "image"], 2, `--task image: ${paths.train} is table data`],
      [["--data", folder, "--label", "y"], 2, "--label is for tables"],
      [["--data", folder, "--header", "no"], 2, "--header is for tables"],
      [["--data", paths.train, "--label", "colour"], 1, "colour"],
      [["--data", paths.train, "--test", short], 1, "holds rows of 2 numbers"],
      [["--data", paths.train, "--validation", folder], 1, "holds images of 8×8×1"],
      [["--data", paths.train, "--test", strange], 1, "has labels that"],
      [["--data", paths.train, "--test", ragged], 1, `${ragged}, row 3: the number of cells is 4, wanted 5`],
      [["--data", paths.train, "--test", wordy], 1, `${wordy}, row 2: column "age" holds "old"`],
      [["--data", folder, "--test", grey], 1, `${grey}: sample 2 has 0.5 in column "3"`],
      [["--data", folder, "--validation", grey], 1, `${grey}: sample 2 has 0.5 in column "3"`],
      [["--data", "no-such-data"], 1, "is no known data set (mnist or fashion-mnist)"],
      [["--data", paths.train, "--out", `${folder}/none/p.pnet`], 1, "there is no folder"],
      [["--data", paths.train, "--out", folder], 1, "it is a folder"],
    ];
    for (const [args, code, message] of wrong) {
      const given = args.includes("--out") ? args : [...args, "--out", out];
      const outcome = await run(["train", ...given]);
      assertStringIncludes(outcome.err, message);
      assertEquals([outcome.code, outcome.out], [code, ""], args.join(" "));
      assert(!outcome.err.includes("epoch 1"), outcome.err);
    }
    assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.includes("pnet")), []);
  });
});

Deno.test("eval: labels that the model does not know count as wrong and are told", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const model = `${folder}/p.pnet`;
    assertEquals((await run(["train", "--data", paths.train, "--out", model, ...QUICK])).code, 0);
    const strange = `${folder}/strange.csv`;
    await Deno.writeTextFile(strange, "a,b,c,d,label\n1,5,0.2,9,elm\n1,5,0.2,9,elm\n");
    const outcome = await run(["eval", model, "--data", strange, "--json"]);
    assertEquals(outcome.code, 0);
    assertEquals(lastJson(outcome).accuracy, 0);
    assertStringIncludes(outcome.err, `does not know, and their samples count as wrong: "elm"`);
  });
});

Deno.test("eval: --runtime chooses what is measured, and the answers are the same", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const model = `${folder}/p.pnet`;
    assertEquals((await run(["train", "--data", paths.train, "--out", model, ...QUICK])).code, 0);
    const evaluate = async (...more: string[]) => {
      const outcome = await run(["eval", model, "--data", paths.test, "--json", ...more]);
      assertEquals(outcome.code, 0, outcome.err);
      const { microsecondsPerSample: _, ...report } = lastJson(outcome);
      assertMatch(outcome.err, new RegExp(`µs a sample +${report.runtime} runtime`));
      return report;
    };
    const plain = await evaluate("--runtime", "plain");
    assertEquals(plain.runtime, "plain");
    assertEquals(await evaluate("--runtime", "wasm"), { ...plain, runtime: "wasm" });
    assertEquals(await evaluate(), { ...plain, runtime: "wasm" });
    assertEquals((await run(["eval", model, "--data", paths.test, "--runtime", "simd"])).code, 2);
  });
});

Deno.test("eval: data that cannot be the model's", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    await writeLineImages(folder, { train: 30, test: 12 });
    const model = `${folder}/p.pnet`;
    assertEquals((await run(["train", "--data", paths.train, "--out", model, ...QUICK])).code, 0);
    const images = await run(["eval", model, "--data", folder]);
    assertEquals([images.code, images.out], [1, ""]);
    assertStringIncludes(images.err, "holds images of 8×8×1, but");
    const split = await run(["eval", model, "--data", paths.test, "--split", "train"]);
    assertEquals(split.code, 2);
    assertStringIncludes(split.err, "--split is for known data sets, folders and archives");
    const missing = await run(["eval", `${folder}/none.pnet`, "--data", paths.test]);
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.err, "there is no such file");
  });
});

Deno.test("train: Ctrl-C stops at once, says so, ends with 130 and writes nothing", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const io = new TestIo();
    const outcome = runCli(["train", "--data", paths.train, "--out", `${folder}/p.pnet`, "--epochs", "1000000"], io);
    while (io.interruptHandlers.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => io.interrupt(), 200);
    assertEquals(await outcome, 130);
    assertStringIncludes(io.err, "projectionnet train: stopped by Ctrl-C; nothing was written");
    assertEquals(io.out, "");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["more.csv", "points.csv"]);
  });
});

Deno.test({
  name: "train: the process ends with 130 at an interrupt",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      const paths = await writePoints(folder);
      const child = command(["train", "--data", paths.train, "--out", `${folder}/p.pnet`, "--epochs", "1000000"])
        .spawn();
      let err = "";
      let sent = false;
      const stdout = new Response(child.stdout).text();
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        err += text;
        if (!sent && err.includes("epoch 1")) {
          child.kill("SIGINT");
          sent = true;
        }
      }
      const { code } = await child.status;
      assertEquals([code, await stdout], [130, ""], err);
      assertStringIncludes(err, "stopped by Ctrl-C");
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["more.csv", "points.csv"]);
    });
  },
});

Deno.test("train: --threads does not change the file, --kernels takes what runs here and refuses the rest", async () => {
  await inFolder(async (folder) => {
    const paths = await writePoints(folder);
    const base = ["train", "--data", paths.train, "--out", `${folder}/p.pnet`, ...QUICK];
    const files: Uint8Array[] = [];
    for (const threads of ["1", "2"]) {
      const { code, err } = await run([...base, "--threads", threads]);
      assertEquals(code, 0, err);
      files.push(await Deno.readFile(`${folder}/p.pnet`));
    }
    assertEquals(files[1], files[0]);
    for (const variant of availableVariants()) {
      const { code, err } = await run([...base, "--kernels", variant]);
      assertEquals(code, 0, err);
    }
    const { code, err } = await run([...base, "--kernels", "cuda"]);
    assertEquals(code, 2);
    assertStringIncludes(err, "--kernels");
  });
  useKernels({ threads: 1 });
  useKernels();
});

Deno.test("train --project-from: a hidden activation of the trainer is projected, and the file has what it takes", async () => {
  await inFolder(async (folder) => {
    await writeLineImages(folder, { train: 600, test: 150 });
    const model = `${folder}/lines.pnet`;
    const common = ["train", "--data", folder, "--out", model, "--json", ...QUICK.slice(2)];
    const cnn = ["--trainer", "cnn", "--trainer-hidden", "4,4", "--project-from", "hidden", "--head", "int8"];
    const trained = await run([...common, ...cnn, "--trunk-precision", "ternary"]);
    assertEquals(trained.code, 0, trained.err);
    const report = lastJson(trained);
    assert(report.projectionAccuracy as number > 0.85, `${report.projectionAccuracy}`);
    const evaluated = await run(["eval", model, "--data", folder, "--json"]);
    assertEquals(evaluated.code, 0, evaluated.err);
    assertEquals(lastJson(evaluated).accuracy, report.projectionAccuracy);
    const inspected = await run(["inspect", model, "--json"]);
    const sections = lastJson(inspected).sections as { name: string; bytes: number }[];
    assertEquals(sections.map(({ name }) => name).slice(0, 4), ["header", "input", "trunk", "projection"]);
    assertEquals(sections.reduce((sum, { bytes }) => sum + bytes, 0), report.modelBytes);
    assertStringIncludes(inspected.err + inspected.out, "trunk");

    const first = await run([...common, "--trainer-hidden", "12,8", "--project-from", "hidden1"]);
    assertEquals(first.code, 0, first.err);
    const unknown = await run([...common, "--project-from", "block1"]);
    assertEquals(unknown.code, 1);
    assertStringIncludes(unknown.err, "hidden or one of the stages hidden1, hidden2 was wanted, block1 found");
  });
});

Deno.test("train --project-from: options that do not go with it are refused by name", async () => {
  const cases: [string, string[]][] = [
    ["--trunk-precision is for the layers that --project-from", ["--trunk-precision", "int4"]],
    ["--task is text", ["--task", "text", "--project-from", "hidden"]],
    ["the trainer is lstm", ["--trainer", "lstm", "--project-from", "hidden"]],
    ["--select chooses rows before", ["--select", "4000", "--project-from", "hidden"]],
    ["--projection conv counts", ["--projection", "conv", "--project-from", "hidden"]],
    ["--thresholds median: wanted mean or zero", ["--thresholds", "median", "--project-from", "hidden"]],
    ["--project-from is not for --budget", ["--budget", "900", "--project-from", "hidden"]],
  ];
  for (const [wanted, options] of cases) {
    const { code, err } = await run(["train", "--data", "mnist", ...options]);
    assertEquals(code, 2, wanted);
    assertStringIncludes(err, wanted);
  }
});
