import { assertEquals, assertStringIncludes } from "@std/assert";
import { blobs } from "../joint/fixtures.ts";
import { inFolder, lastJson, run } from "./harness.ts";

/** Writes a folder of a small graph: two classes of nodes, each with words of its own, in two circles. */
async function writeNodes(folder: string, extra: Record<string, string> = {}): Promise<void> {
  const nodes = Array.from({ length: 60 }, (_, node) => node);
  const files = {
    "features.svm": nodes.map((node) => `${node % 2 * 4 + node % 3} ${8 + node % 5}`).join("\n") + "\n",
    "edges.tsv": nodes.map((node) => `${node}\t${(node + 2) % 60}\n`).join("") + "3\t3\n0\t2\n",
    "labels.tsv": nodes.map((node) => `${node}\t${node % 2 ? "odd" : "even"}\n`).join(""),
    ...extra,
  };
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
}

const small = [
  "--bits",
  "64",
  "--thresholds",
  "mean",
  "--epochs",
  "5",
  "--trainer-hidden",
  "8",
  "--threads",
  "1",
  "--json",
];

Deno.test("train --task graph learns nodes of a folder, and tells of what does not count", async () => {
  await inFolder(async (folder) => {
    const range = (from: number, to: number) => `[${Array.from({ length: to - from }, (_, i) => from + i)}]`;
    const split = `{"train": ${range(0, 8)}, "val": ${range(8, 30)}, "test": ${range(30, 60)}}`;
    await writeNodes(folder, { "split.json": split });
    const out = `${folder}/nodes.pnet`;
    const done = await run(["train", "--task", "graph", "--data", folder, "--alpha", "0.1", "--out", out, ...small]);
    assertEquals([done.code, lastJson(done).out], [0, out], done.err);
    assertEquals(typeof lastJson(done).projectionAccuracy, "number");
    assertStringIncludes(done.err, "60 nodes, 60 edges\n");
    assertStringIncludes(done.err, "1 row with a self-loop, left out (first in row 61)");
    assertStringIncludes(done.err, "1 row with a duplicate, merged, the largest weight counts (first in row 62)");
    const chosen = await run(["train", "--task", "graph", "--data", folder, "--validation", "0.2", ...small]);
    assertEquals(chosen.code, 2);
    assertStringIncludes(chosen.err, "--validation is for nodes without a split");
    const fewer = await run(["train", "--task", "graph", "--data", folder, "--labels-per-class", "5", ...small]);
    assertStringIncludes(fewer.err, '"even" has 4 labelled rows, wanted 5');
    assertEquals(fewer.code, 1);
  });
});

Deno.test("without a split, labels of each class are learnt and the rest is for validation and test", async () => {
  await inFolder(async (folder) => {
    await writeNodes(folder);
    const base = [
      "train",
      "--task",
      "graph",
      "--data",
      `${folder}/features.svm`,
      "--out",
      `${folder}/n.pnet`,
      ...small,
    ];
    const files = ["--edges", `${folder}/edges.tsv`, "--node-labels", `${folder}/labels.tsv`];
    const done = await run(
      [...base, ...files, "--labels-per-class", "3", "--trainer", "linear"].filter((word, i, all) =>
        word !== "--trainer-hidden" && all[i - 1] !== "--trainer-hidden"
      ),
    );
    assertEquals(done.code, 0, done.err);
    const unsplit = await run([...base, ...files]);
    assertEquals(unsplit.code, 2);
    assertStringIncludes(unsplit.err, "--task graph needs --split FILE or --labels-per-class N");
    await Deno.writeTextFile(`${folder}/split.json`, '{"train": [0, 1], "test": [59]}');
    await Deno.writeTextFile(`${folder}/labels.tsv`, "0\ta\n1\tb\n");
    const unlabelled = await run([...base, ...files, "--split", `${folder}/split.json`]);
    assertEquals(unlabelled.code, 1);
    assertStringIncludes(unlabelled.err, "node 59 of the split's test part has no label");
  });
});

Deno.test("build-graph joins a table's rows, and train --labeled learns from them", async () => {
  await inFolder(async (folder) => {
    const { features, labels, featureLength } = blobs(200);
    const rows = Array.from(
      labels,
      (label, i) => `${Array.from(features.subarray(i * featureLength, (i + 1) * featureLength)).join()},${label}`,
    );
    const data = `${folder}/blobs.csv`, edges = `${folder}/edges.tsv`;
    await Deno.writeTextFile(data, rows.join("\n"));
    const built = await run(["build-graph", "--data", data, "--neighbors", "5", "--out", edges, "--json"]);
    assertEquals(built.code, 0, built.err);
    const { nodes, recall, neighbors } = lastJson(built);
    assertEquals([nodes, recall, neighbors], [200, 1, 5]);
    assertStringIncludes(built.err, "100.00 % of the true 5 nearest neighbours, on 200 of the examples");
    const common = ["train", "--data", data, "--labeled", "8", "--out", `${folder}/b.pnet`, "--test", data, ...small];
    const joined = await run([...common, "--edges", edges, "--unlabeled-batch", "32"]);
    assertEquals(joined.code, 0, joined.err);
    assertEquals(lastJson(joined).validationAccuracy, null);
    const silent = [...common, "--edges", edges, "--spread", "0", "--unlabeled-weight", "0"];
    assertEquals((await run(silent)).code, 0);
    const supervised = await Deno.readFile(`${folder}/b.pnet`);
    await run([...common, "--unlabeled-weight", "0"]);
    assertEquals(await Deno.readFile(`${folder}/b.pnet`), supervised);
    const uneven = await run(["train", "--data", data, "--labeled", "9", ...small]);
    assertStringIncludes(uneven.err, "--labeled 9: wanted as many of each of the 4 classes");
    await Deno.writeTextFile(edges, "0\t200\n");
    const broken = await run([...common, "--edges", edges]);
    assertEquals(broken.code, 1);
    assertStringIncludes(broken.err, 'edges.tsv, row 1: no row of features stands for the node "200"');
  });
});

Deno.test("texts: build-graph and train --labeled", async () => {
  await inFolder(async (folder) => {
    const data = `${folder}/t.tsv`, edges = `${folder}/e.tsv`;
    const lines = Array.from(
      { length: 40 },
      (_, i) => `${i % 2 ? "wet" : "dry"}\t${i % 2 ? "rain" : "sun"} day ${i % 7}`,
    );
    await Deno.writeTextFile(data, lines.join("\n"));
    const built = await run([
      "build-graph",
      "--data",
      data,
      "--task",
      "text",
      "--neighbors",
      "3",
      "--recall",
      "0",
      "--out",
      edges,
    ]);
    assertEquals(built.code, 0, built.err);
    const options = ["--task", "text", "--labeled", "4", "--edges", edges, "--bits", "128", "--epochs", "2"];
    const done = await run(["train", "--data", data, ...options, "--out", `${folder}/t.pnet`, "--json"]);
    assertEquals(done.code, 0, done.err);
  });
});

Deno.test("options of graphs that do not go together are refused by name", async () => {
  const cases: [args: string, message: string][] = [
    ["train --data mnist --edges e.tsv", "--edges is for --task graph, or for --labeled"],
    ["train --data mnist --labeled 100 --alpha 1", "--alpha needs a graph: --edges FILE"],
    ["train --data mnist --labeled 100 --spread 0.5", "--spread needs a graph"],
    ["train --data mnist --labeled 100 --edges e --graph-on trainer", "--graph-on is for the graph loss: --alpha A"],
    ["train --data mnist --labels-per-class 3", "--labels-per-class is for --task graph"],
    ["train --data mnist --hops 3", "--hops is for --task graph"],
    ["train --data d --task graph --labeled 3", "--labeled is not for --task graph"],
    ["train --data d --task graph --test t", "--test is not for --task graph"],
    ["train --data d --task graph --validation v.csv", "--validation v.csv: wanted a share"],
    ["train --data d --task graph --trainer cnn", "--trainer cnn: wanted mlp or linear"],
    ["train --data d --task graph --trainer linear --trainer-hidden 3", "--trainer-hidden is for --trainer mlp"],
    ["train --data d --task graph --hops 0 --restart 0.5", "--restart is for --hops of at least 1"],
    ["train --data mnist --budget 900 --labeled 100", "--labeled is not for --budget"],
    ["train --data mnist --labeled 100 --patience 3", "--patience waits for better results"],
    ["study --data mnist --task graph --out o", "--task graph is for train"],
    ["study --data mnist --labeled 100 --out o", "unknown option --labeled"],
    ["build-graph --data mnist --features words1", "--features is for --task text"],
    ["build-graph --data t.tsv --task text --compare values", "--compare is not for --task text"],
    ["build-graph --data mnist --bucket 1", "--bucket 1"],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await run(args.split(" "));
    assertEquals(code, 2, `${args}: ${err}`);
    assertStringIncludes(err, message);
  }
});
