import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodePnet, loadPnet } from "../../lib/packed/mod.ts";
import { embedModel } from "../../lib/serve/mod.ts";
import { makeTextModel } from "../packed/text_models.ts";
import { command, inFolder, lastJson, run, smallModel, TestIo, writeSmallModel } from "./harness.ts";
import { runCli } from "../../lib/cli/mod.ts";

const ROOT = new URL("../../", import.meta.url);
const SAMPLE = [9, 200, 30, 4];
const expected = (): string => loadPnet(encodePnet(smallModel())).classify(SAMPLE).label;

/** Starts `serve` in this process, and gives its address and a way to stop it. */
async function start(args: string[]): Promise<{ url: string; io: TestIo; stop(): Promise<number> }> {
  const io = new TestIo();
  const code = runCli(["serve", ...args, "--port", "0", "--json"], io);
  for (let i = 0; i < 500 && io.out === ""; i++) {
    const ended = await Promise.race([code, new Promise<void>((resolve) => setTimeout(resolve, 10))]);
    if (ended !== undefined) throw new Error(`ended with ${ended}: ${io.err}`);
  }
  const { url } = lastJson({ code: 0, out: io.out, err: io.err });
  return {
    url: url as string,
    io,
    stop: () => {
      io.interrupt();
      return code;
    },
  };
}

async function classify(url: string, body: unknown, query = ""): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}v1/classify${query}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return await response.json();
}

Deno.test("serve: several models by name, limits, until Ctrl-C", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    await Deno.writeFile(`${folder}/texts.pnet`, encodePnet(makeTextModel()));
    const { url, io, stop } = await start([model, "--models", `words=${folder}/texts.pnet`, "--max-batch", "2"]);
    assertStringIncludes(io.err, `Serving small, words on ${url} until Ctrl-C`);
    assertEquals((await classify(url, SAMPLE)).label, expected());
    assertEquals(typeof (await classify(url, "a text", "?model=words")).label, "string");
    assertEquals((await classify(url, [SAMPLE, SAMPLE, SAMPLE])).status, 413);
    assertEquals(await stop(), 0);
  });
});

Deno.test("serve: --watch loads a file that has changed, and keeps the model when it is broken", async () => {
  await inFolder(async (folder) => {
    const path = await writeSmallModel(folder);
    const { url, io, stop } = await start([path, "--watch"]);
    const said = async (text: string): Promise<void> => {
      for (let i = 0; i < 100 && !io.err.includes(text); i++) await new Promise((resolve) => setTimeout(resolve, 50));
      assertStringIncludes(io.err, text);
    };
    const broken = encodePnet(smallModel());
    broken[9] ^= 1;
    await Deno.writeFile(path, broken);
    await said("small: the model that was there goes on");
    assertEquals((await classify(url, SAMPLE)).label, expected());
    const other = { ...smallModel(), labels: ["x", "y", "z"] };
    await Deno.writeFile(path, encodePnet(other));
    await said(`small: loaded ${path}`);
    assertEquals((await classify(url, SAMPLE)).label, ["x", "y", "z"][["ash", "beech", "cedar"].indexOf(expected())]);
    assertEquals(await stop(), 0);
  });
});

Deno.test({
  name: "serve: as a process it loads models again at SIGHUP and ends at SIGTERM",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const path = await writeSmallModel(folder);
      const process = command(["serve", path, "--port", "0"]).spawn();
      const out = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const url = /http:\S+/.exec((await out.read()).value ?? "")?.[0] ?? "";
      assertEquals((await classify(url, SAMPLE)).label, expected());
      await Deno.writeFile(path, encodePnet({ ...smallModel(), labels: ["x", "y", "z"] }));
      process.kill("SIGHUP");
      let label: unknown;
      for (let i = 0; i < 100 && !["x", "y", "z"].includes(label as string); i++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        label = (await classify(url, SAMPLE)).label;
      }
      assert(["x", "y", "z"].includes(label as string), String(label));
      process.kill("SIGTERM");
      const [{ code }] = await Promise.all([process.status, out.cancel(), process.stderr.cancel()]);
      assertEquals(code, 0);
    }),
});

Deno.test("serve: what cannot be served is told", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const refused = async (args: string[], code: number, message: string): Promise<void> => {
      const outcome = await run(["serve", ...args]);
      assertEquals(outcome.code, code, outcome.err);
      assertStringIncludes(outcome.err, message);
    };
    await refused([`${folder}/none.pnet`], 1, "there is no such file");
    await Deno.writeTextFile(`${folder}/bad.pnet`, "no model");
    await refused([`${folder}/bad.pnet`], 1, `${folder}/bad.pnet: reading .pnet`);
    await refused([model, "--models", `small=${model}`], 2, "two models have the name small");
    await refused([model, "--models", model], 2, "NAME=FILE");
    await refused([model, "--port", "65536"], 2, "--port");
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    await refused([model, "--port", `${(listener.addr as Deno.NetAddr).port}`], 1, "cannot listen on 127.0.0.1");
    listener.close();
  });
});

Deno.test("page: writes one file with the model in it", async () => {
  await inFolder(async (folder) => {
    const model = await writeSmallModel(folder);
    const outcome = await run(["page", model, "--out", `${folder}/try.html`, "--title", "A & B", "--json"]);
    const { bytes, modelBytes } = lastJson(outcome);
    const page = await Deno.readTextFile(`${folder}/try.html`);
    assertEquals([bytes, modelBytes], [new TextEncoder().encode(page).length, (await Deno.stat(model)).size]);
    assertStringIncludes(page, "<h1>A &amp; B</h1>");
    assertEquals((await run(["page", model, "--out", `${folder}/none/try.html`])).code, 1);
  });
});

/** Runs a program and gives what it prints, as JSON. */
async function printed(program: string, args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd: ROOT }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr).slice(-2000));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("embed: modules are ready in Deno with types, in Node, and by the package", async () => {
  await inFolder(async (folder) => {
    const path = await writeSmallModel(folder);
    const textPath = `${folder}/texts.pnet`;
    await Deno.writeFile(textPath, encodePnet(makeTextModel()));
    const wanted = [...loadPnet(encodePnet(smallModel())).logits(SAMPLE)];
    const wantedText = [...loadPnet(encodePnet(makeTextModel())).logits("a text")];
    for (
      const [model, out] of [[path, "model.ts"], [path, "model.mjs"], [textPath, "texts.ts"], [textPath, "texts.mjs"]]
    ) {
      const outcome = await run(["embed", model, "--out", `${folder}/${out}`, "--json"]);
      assertEquals(outcome.code, 0, outcome.err);
      assertEquals(lastJson(outcome).bytes, (await Deno.stat(`${folder}/${out}`)).size);
    }
    const script = (ending: string): string =>
      `import model from "./model.${ending}";\nimport texts from "./texts.${ending}";\n` +
      `console.log(JSON.stringify([[...model.logits(${JSON.stringify(SAMPLE)})], [...texts.logits("a text")]]));\n`;
    await Deno.writeTextFile(`${folder}/main.ts`, script("ts"));
    await Deno.writeTextFile(`${folder}/main.mjs`, script("mjs"));
    // No permission is needed, and the types are checked.
    assertEquals(await printed(Deno.execPath(), ["run", "-q", "--no-config", "--check", `${folder}/main.ts`]), [
      wanted,
      wantedText,
    ]);
    if (await new Deno.Command("node", { args: ["--version"] }).output().then(() => true, () => false)) {
      assertEquals(await printed("node", [`${folder}/main.mjs`]), [wanted, wantedText]);
    }
    const imported = await embedModel(encodePnet(smallModel()), { package: "@neuralbits/projectionnet" });
    assertStringIncludes(imported, 'from "@neuralbits/projectionnet/runtime/rows"');
    await Deno.writeTextFile(
      `${folder}/imported.ts`,
      imported.replace("@neuralbits/projectionnet/runtime/rows", `${ROOT}lib/packed/runtime_rows.ts`),
    );
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import model from "./imported.ts";\nconsole.log(JSON.stringify([...model.logits(${JSON.stringify(SAMPLE)})]));`,
    );
    assertEquals(await printed(Deno.execPath(), ["run", "-q", "--no-config", `${folder}/main.ts`]), wanted);
    assertEquals((await run(["embed", path, "--out", `${folder}/model.txt`])).code, 2);
  });
});
