/** The exported files under tools that this project did not write: Debian's python3-onnx and python3-opencv. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { train, type TrainerOptions } from "../../mod.ts";
import { exportProjection, exportTrainer } from "../../lib/onnx/mod.ts";
import { inFolder } from "../cli/harness.ts";
import { assertClose } from "../close.ts";
import { blobs } from "../joint/fixtures.ts";
import { FAMILIES, HEADS, INPUTS, makeModel, suits } from "../packed/models.ts";
import { makeTrunkModel, makeTrunks } from "../packed/trunk_models.ts";
import { runOnnx } from "./run.ts";

/** Python with the official library, or what is missing. */
function findPython(): { path: string } | { missing: string } {
  for (const path of ["/usr/bin/python3", "python3"]) {
    try {
      if (
        new Deno.Command(path, { args: ["-c", "import onnx"], stdout: "null", stderr: "null" }).outputSync().success
      ) {
        return { path };
      }
    } catch {
      // There is no such program.
    }
  }
  return { missing: "python3-onnx is not installed, so no independent checker looks at the exported files" };
}

const python = findPython();
if ("missing" in python) console.warn(python.missing);

interface Report {
  readonly opencv: boolean;
  readonly files: Record<
    string,
    { bytes: number; officialBytes: number; unknownShapes: string[]; logits?: number[][] }
  >;
}

async function look(folder: string): Promise<Report> {
  const script = new URL("check_models.py", import.meta.url).pathname;
  const command = new Deno.Command((python as { path: string }).path, { args: [script, folder] });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

function assertSound({ files }: Report, count: number): void {
  assertEquals(Object.keys(files).length, count);
  for (const [name, { bytes, officialBytes, unknownShapes }] of Object.entries(files)) {
    assertEquals(unknownShapes, [], name);
    assertLess(Math.abs(bytes / officialBytes - 1), 0.05, name);
  }
}

const trainers: Record<string, TrainerOptions> = {
  mlp: { hidden: [12] },
  cnn: { kind: "cnn", hidden: [3, 4] },
  lstm: { kind: "lstm", hidden: [5, 4], bidirectional: true },
  mean: { kind: "lstm", hidden: [5], reads: "mean" },
};

Deno.test({
  name: "trainer networks pass the official checker, are as small as its own files, and give the same in OpenCV",
  ignore: "missing" in python,
  fn: () =>
    inFolder(async (folder) => {
      const data = blobs(60), wanted: Record<string, number[]> = {}, rows = 6;
      const features = data.features.subarray(0, rows * 64) as Uint8Array;
      for (const [name, trainer] of Object.entries(trainers)) {
        const result = await train({ data, trainer, projections: [{ functions: 4 }], epochs: 1, validation: 0 });
        const bytes = await exportTrainer({ ...result.trainer.description!, state: result.trainer.state });
        wanted[name] = (await runOnnx(bytes, { data: features, dims: [rows, 8, 8, 1] })).logits;
        await Deno.writeFile(`${folder}/${name}.onnx`, bytes);
        const pixel = (row: number, i: number): number[] => [features[row * 64 + i]];
        const images = Array.from({ length: rows }, (_, row) => [
          Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (_, x) => pixel(row, 8 * y + x))),
        ]);
        await Deno.writeTextFile(`${folder}/${name}.input.json`, JSON.stringify(images));
      }
      const report = await look(folder);
      assertSound(report, 4);
      if (!report.opencv) {
        return console.warn("python3-opencv is not installed, so no second engine runs the exported files");
      }
      for (const [name, { logits }] of Object.entries(report.files)) {
        assertClose(logits!.flat(), wanted[name.replace(".onnx", "")], {
          relative: 1e-4,
          absolute: 1e-5,
          message: name,
        });
      }
    }),
});

Deno.test({
  name:
    "projection networks of every family, head and kind of trunk layer pass the official checker and are as small as its own files",
  ignore: "missing" in python,
  fn: () =>
    inFolder(async (folder) => {
      let count = 0;
      for (const [f, projection] of FAMILIES.entries()) {
        for (const [h, head] of HEADS.entries()) {
          if (!suits(projection, head) || (f + h) % 3 > 0) continue;
          const model = makeModel({ projection, head, input: INPUTS[h % INPUTS.length], width: 6, seed: h });
          await Deno.writeFile(`${folder}/${count++}.onnx`, exportProjection(model));
        }
      }
      for (const parts of makeTrunks()) {
        await Deno.writeFile(`${folder}/${count++}.onnx`, exportProjection(makeTrunkModel(parts)));
      }
      assertSound(await look(folder), count);
    }),
});
