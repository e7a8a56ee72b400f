import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataFormatError, DatasetNotFoundError, loadNodes } from "../../lib/data/mod.ts";
import { parseNodeLabels, parseNodeSplit } from "../../lib/data/nodes.ts";
import { inFolder } from "../cli/harness.ts";

const write = async (folder: string, files: Record<string, string>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
};

const planetoid = {
  "features.svm": "0 2\n1\n\n2\n",
  "edges.tsv": "0\t1\n1\t3\n",
  "labels.tsv": "0\tcat\n3\tdog\n1\tcat\n",
  "planetoid_split.json": '{"classes": 2, "train": [0], "val": [1], "test": [3]}',
};

Deno.test("a folder of a graph gives nodes, edges, labels of some and the split", async () => {
  await inFolder(async (folder) => {
    await write(folder, planetoid);
    const { data, labelled, graph, split, empty } = await loadNodes(folder);
    assertEquals([data.count, data.featureLength, data.labelNames], [4, 3, ["cat", "dog"]]);
    assertEquals([...data.features], [1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    assertEquals([...data.labels], [0, 0, 0, 1]);
    assertEquals([...labelled], [0, 1, 3]);
    assertEquals([graph.nodes, graph.edges, empty], [4, 2, [3]]);
    assertEquals(split, { train: Uint32Array.of(0), validation: Uint32Array.of(1), test: Uint32Array.of(3) });
  });
});

Deno.test("features of other forms: a table, and rows that begin with their label", async () => {
  await inFolder(async (folder) => {
    await write(folder, {
      "nodes.csv": "a,b,label\n1,2,x\n3,4,y\n",
      "rows.svmlight": "y 1:1\nx 0:2\n",
      "e.txt": "0 1\n",
    });
    const table = await loadNodes(`${folder}/nodes.csv`, { edges: `${folder}/e.txt` });
    assertEquals([[...table.data.labels], [...table.labelled], table.split], [[0, 1], [0, 1], undefined]);
    const sparse = await loadNodes(`${folder}/rows.svmlight`, { edges: `${folder}/e.txt` });
    assertEquals([[...sparse.data.labels], sparse.data.labelNames], [[1, 0], ["x", "y"]]);
  });
});

Deno.test("what is missing or does not fit is named", async () => {
  await inFolder(async (folder) => {
    await assertRejects(() => loadNodes(`${folder}/none`), DatasetNotFoundError, "is no file or folder of nodes");
    await write(folder, { "features.svm": planetoid["features.svm"] });
    await assertRejects(() => loadNodes(folder), DatasetNotFoundError, "an edge list such as edges.tsv was wanted");
    await write(folder, { "edges.tsv": "0\t4\n" });
    await assertRejects(() => loadNodes(folder), DataFormatError, "has no labels");
    await write(folder, { "labels.tsv": "0\tcat\n" });
    const error = await assertRejects(() => loadNodes(folder), DataFormatError, 'stands for the node "4"');
    assertEquals([error.file, error.row], [`${folder}/edges.tsv`, 1]);
    await write(folder, { "edges.csv": "0,1\n" });
    await assertRejects(
      () => loadNodes(folder),
      DatasetNotFoundError,
      "has two files of edges: edges.csv and edges.tsv",
    );
    await write(folder, { "t.csv": "a,label\n1,x\n" });
    await assertRejects(
      () => loadNodes(`${folder}/t.csv`, { edges: `${folder}/edges.csv`, labels: `${folder}/labels.tsv` }),
      DataFormatError,
      "is a table, which has a column of labels",
    );
  });
});

Deno.test("labels of nodes: a header, none, one again, one too many", () => {
  const parse = (text: string) => parseNodeLabels(new TextEncoder().encode(text), { file: "labels.csv", nodes: 3 });
  assertEquals(parse("node,label\n2,b\n0,\n"), [undefined, undefined, "b"]);
  for (
    const [text, row, problem] of [
      ["0,a\n0,b\n", 2, "labels the node 0 again"],
      ["0,a\n3,b\n", 2, 'stands for the node "3", wanted 0...2'],
      ["0,a\nx,b\n", 2, 'the node "x"'],
      ["0,a,c\n", 1, "has 3 cells"],
    ] as const
  ) {
    const error = assertThrows(() => parse(text), DataFormatError, problem);
    assertEquals([error.file, error.row], ["labels.csv", row]);
  }
});

Deno.test("a split has different nodes that exist", () => {
  const parse = (text: string) => parseNodeSplit(text, { file: "split.json", nodes: 4 });
  assertEquals(parse('{"train": [3]}').validation.length, 0);
  for (
    const [text, problem] of [
      ["{", "is no JSON"],
      ["null", 'has no list "train"'],
      ['{"val": [1]}', 'has no list "train"'],
      ['{"train": [4]}', '"train" holds 4 in place 0, wanted a node of 0...3'],
      ['{"train": [0, "1"]}', 'holds "1" in place 1'],
      ['{"train": [0], "dev": [1], "test": [1]}', 'has node 1 in "dev" and in "test"'],
      ['{"train": [0, 0]}', 'has node 0 in "train" and in "train"'],
    ] as const
  ) assertThrows(() => parse(text), DataFormatError, problem);
});
