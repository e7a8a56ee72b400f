import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodePnet } from "../../lib/packed/mod.ts";
import { runOnnx } from "../onnx/run.ts";
import { makeTextModel } from "../packed/text_models.ts";
import { inFolder, lastJson, run, smallModel, writeSmallModel } from "./harness.ts";

Deno.test("export: writes a graph that answers as the model does, and inspect shows where its bytes go", () =>
  inFolder(async (folder) => {
    const model = await writeSmallModel(folder), out = `${folder}/small.onnx`;
    const exported = await run(["export", model, "--onnx", out, "--json"]);
    assertEquals(exported.code, 0, exported.err);
    const bytes = await Deno.readFile(out);
    assertEquals(lastJson(exported), { out, onnxBytes: bytes.length, modelBytes: encodePnet(smallModel()).length });

    const predicted = await run(["predict", model, "--json"], `{"input":[1,2,3,4]}\n`);
    assertEquals(predicted.code, 0, predicted.err);
    const answer = await runOnnx(bytes, { data: Float32Array.of(1, 2, 3, 4), dims: [1, 4] }, ["class"]);
    assertEquals(smallModel().labels[answer.class[0]], lastJson(predicted).label);

    const inspected = await run(["inspect", out, "--json"]);
    assertEquals(inspected.code, 0, inspected.err);
    const { sections, modelBytes, operators, inputs, outputs, parameters } = lastJson(inspected);
    const sizes = (sections as { bytes: number }[]).map(({ bytes }) => bytes);
    assertEquals([sizes.reduce((sum, size) => sum + size), modelBytes], [bytes.length, bytes.length]);
    assertEquals(sizes.every((size) => size > 0), true);
    assertEquals(inputs, ["input [batch, 4] float32"]);
    assertEquals((outputs as string[])[0], "code [batch, 8] uint8");
    assertEquals((operators as Record<string, number>).MatMulInteger, 1);
    // The matrix of 4 x 8, the thresholds, and 8 x 3 weights with their biases.
    assertEquals(parameters, 32 + 8 + 24 + 3);
    const shown = await run(["inspect", out]);
    assertStringIncludes(shown.out, "1 MatMulInteger");
    assertStringIncludes(shown.out, "operators of onnx 13, by projectionnet");
  }));

Deno.test("export and inspect refuse what they cannot do, naming the file", () =>
  inFolder(async (folder) => {
    const texts = `${folder}/texts.pnet`, damaged = `${folder}/damaged.onnx`;
    await Deno.writeFile(texts, encodePnet(makeTextModel()));
    await Deno.writeFile(damaged, Uint8Array.of(8, 7, 58, 100, 0));
    const cases: [args: string[], code: number, message: string][] = [
      [
        ["export", texts, "--onnx", `${folder}/a.onnx`],
        1,
        "a model of texts hashes words, and ONNX has no operator for that",
      ],
      [["export", texts], 2, "--onnx"],
      [["export", damaged, "--onnx", `${folder}/a.onnx`], 1, "damaged.onnx: "],
      [["export", `${folder}/none.pnet`, "--onnx", `${folder}/a.onnx`], 1, "there is no such file"],
      [["export", texts, "--onnx", `${folder}/none/a.onnx`], 1, "there is no folder"],
      [["inspect", damaged], 1, "damaged.onnx: ONNX, byte 2: field 7 announces 100 bytes, and its message has 1 left"],
    ];
    for (const [args, code, message] of cases) {
      const outcome = await run(args);
      assertEquals(outcome.code, code, outcome.err);
      assertStringIncludes(outcome.err, message);
    }
    assertEquals([...Deno.readDirSync(folder)].length, 2);
  }));
