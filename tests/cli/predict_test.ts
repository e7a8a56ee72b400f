import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { encodePnet, loadPnet } from "../../lib/packed/mod.ts";
import { command, inFolder, run, smallModel, writeSmallModel } from "./harness.ts";

const classifier = () => loadPnet(encodePnet(smallModel()));
const parse = (out: string) => out.trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test("predict: answers in order, from standard input, - and a file", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const samples = Array.from({ length: 50 }, (_, i) => [i * 5, 255 - i * 5, (i * 37) % 256, (i * i) % 256]);
    const input = samples.map((sample, i) => JSON.stringify(i % 2 ? sample : { id: `n${i}`, input: sample })).join(
      "\n",
    );
    const fromStdin = await run(["predict", model], input);
    assertEquals([fromStdin.code, fromStdin.err], [0, ""]);
    const expected = classifier();
    parse(fromStdin.out).forEach((answer, i) => {
      const { label, probability } = expected.classify(samples[i]);
      assertEquals(answer.label, label);
      assertAlmostEquals(answer.probability, probability, 1e-6);
      assertEquals(answer.id, i % 2 ? undefined : `n${i}`);
    });
    assert(new Set(parse(fromStdin.out).map(({ label }) => label)).size > 1);
    assertEquals(await run(["predict", model, "-", "--json"], input), fromStdin);
    await Deno.writeTextFile(`${folder}/samples.jsonl`, `${input}\n`);
    assertEquals(await run(["predict", model, `${folder}/samples.jsonl`]), fromStdin);
  });
});

Deno.test("predict: a bad line is told by its number and has its place in the answers", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const lines = [
      "[1, 2, 3, 4]",
      "[1, 2, 3",
      "",
      '{"id": 7, "input": [1, 2, 3]}',
      '{"id": {"a": 1}, "input": [1, "2", 3, 4]}',
      '{"id": 8}',
      '{"input": 5}',
      "17",
      "null",
      "[1, 2, 3, null]",
      "[1, 2, 3, 1e999]",
      "[1, 2, 3, -1e999]",
      '{"id": null, "input": [4, 3, 2, 1], "more": true}',
    ];
    const { code, out, err } = await run(["predict", model], `${lines.join("\r\n")}\r\n`);
    assertEquals(code, 1);
    const answers = parse(out);
    const place = (line: number): number => line > 3 ? line - 2 : line - 1;
    assertEquals(answers.length, lines.length - 1);
    assertEquals(typeof answers[0].label, "string");
    const wrong: [line: number, message: string, id?: unknown][] = [
      [2, "not JSON"],
      [4, "3", 7],
      [5, 'value 1 of the input is "2", wanted a number', { a: 1 }],
      [6, 'the object has no "input"', 8],
      [7, '"input" is no array of numbers'],
      [8, "a number, wanted an array of numbers"],
      [9, "null, wanted an array of numbers"],
      [10, "value 3 of the input is null, wanted a number"],
      [11, "Infinity"],
      [12, "-Infinity"],
    ];
    for (const [line, message, id] of wrong) {
      const answer = answers[place(line)];
      assertEquals(answer.line, line);
      assertStringIncludes(answer.error, message);
      assertEquals(answer.id, id);
      assertStringIncludes(err, `line ${line}: ${answer.error}\n`);
    }
    assertEquals(err.trimEnd().split("\n").length, wrong.length);
    assertEquals(answers.at(-1).id, null);
    assertEquals(answers.at(-1).label, classifier().classify([4, 3, 2, 1]).label);
  });
});

Deno.test("predict: --top adds the most probable labels in order", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const { out } = await run(["predict", model, "--top", "2"], "[9, 200, 30, 4]\n");
    const [answer] = parse(out);
    assertEquals(answer.top.length, 2);
    assertEquals(answer.top[0], { label: answer.label, probability: answer.probability });
    assert(answer.top[0].probability >= answer.top[1].probability);
    const all = parse((await run(["predict", model, "--top", "99"], "[9, 200, 30, 4]\n")).out)[0].top;
    assertEquals(all.length, 3);
    assertAlmostEquals(
      all.reduce((sum: number, { probability }: { probability: number }) => sum + probability, 0),
      1,
      1e-5,
    );
  });
});

Deno.test("predict: no input, no answers", async () => {
  await inFolder(async (folder) => {
    assertEquals(await run(["predict", await writeSmallModel(folder)]), { code: 0, out: "", err: "" });
  });
});

Deno.test("predict: a missing or damaged model, a missing file", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const missing = await run(["predict", `${folder}/none.pnet`]);
    assertEquals([missing.code, missing.out], [1, ""]);
    assertStringIncludes(missing.err, `cannot read the model ${folder}/none.pnet: there is no such file`);
    const noFile = await run(["predict", model, `${folder}/none.jsonl`]);
    assertEquals(noFile.code, 1);
    assertStringIncludes(noFile.err, `cannot read ${folder}/none.jsonl: there is no such file`);
    const bytes = await Deno.readFile(model);
    bytes[10] ^= 1;
    await Deno.writeFile(model, bytes);
    const damaged = await run(["predict", model], "[1, 2, 3, 4]\n");
    assertEquals([damaged.code, damaged.out], [1, ""]);
    assertStringIncludes(damaged.err, `projectionnet predict: ${model}: `);
  });
});

Deno.test("predict: as a process it answers while input is still open, and a reader may leave", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const child = command(["predict", model], { stdin: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    const reader = child.stdout.getReader();
    await writer.write(new TextEncoder().encode("[1, 2, 3, 4]\n"));
    const { value } = await reader.read();
    assertStringIncludes(new TextDecoder().decode(value), '{"label":');
    await reader.cancel();
    const many = new TextEncoder().encode("[1, 2, 3, 4]\n".repeat(20_000));
    await writer.write(many).then(() => writer.close()).catch(() => {});
    const stderr = new Response(child.stderr).text();
    const { code } = await child.status;
    assertEquals(code, 0);
    assert(!(await stderr).includes("predict"), await stderr);
  });
});
