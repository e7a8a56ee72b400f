import { assert, assertEquals, assertLess } from "@std/assert";
import { encodePnet, loadPnet } from "../../lib/packed/mod.ts";
import { TEXTS } from "../projection/text_reference.ts";
import { FAMILIES, INPUTS, makeModel } from "./models.ts";
import { makeTextModel } from "./text_models.ts";

/** The runtime's entries, the most bytes that each may have, minified and gzipped, and a family that each knows. */
const entries = [
  { file: "runtime.ts", load: "loadPnet", most: 9_728, family: FAMILIES[3] },
  { file: "runtime_conv.ts", load: "loadPnet", most: 8_192, family: FAMILIES[5] },
  { file: "runtime_rows.ts", load: "loadPnet", most: 8_192, family: FAMILIES[0] },
  { file: "runtime_text.ts", load: "loadPnet", most: 13_312, family: FAMILIES[6] },
  { file: "runtime_trunk.ts", load: "loadPnet", most: 12_800, family: FAMILIES[1] },
  { file: "runtime_trunk_wasm.ts", load: "loadPnetWasm", most: 23_552, family: FAMILIES[1] },
  { file: "runtime_wasm.ts", load: "loadPnetWasm", most: 20_480, family: FAMILIES[1] },
];

async function bundle(file: string): Promise<string> {
  const path = new URL(`../../lib/packed/${file}`, import.meta.url).pathname;
  const args = ["bundle", "-q", "--no-lock", "--minify", "--platform=browser", path];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function gzipBytes(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/** Whether the program answers `--version`. */
async function runs(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Every script and fault of a text gives in Node what it gives here. */
async function assertTextsAgree(folder: string): Promise<void> {
  const bytes = encodePnet(makeTextModel({ fold: 15 }));
  await Deno.writeTextFile(
    `${folder}/texts.mjs`,
    `import { loadPnet } from "./runtime.mjs";
      const classifier = loadPnet(Uint8Array.from(${JSON.stringify([...bytes])}));
      console.log(JSON.stringify(${JSON.stringify(TEXTS)}.map((text) => [...classifier.logits(text)])));`,
  );
  const { stdout } = await new Deno.Command("node", { args: [`${folder}/texts.mjs`] }).output();
  const here = loadPnet(bytes);
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), TEXTS.map((text) => [...here.logits(text)]));
}

for (const { file, load, most, family } of entries) {
  Deno.test(`${file} is small as a bundle, and gives the same answers in Node`, async () => {
    const code = await bundle(file);
    assertLess(await gzipBytes(code), most + 1);
    if (!await runs("node")) return;
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/runtime.mjs`, code);
      const sample = [1, 2, 3, 250, 5, 6];
      for (const input of INPUTS) {
        const bytes = encodePnet(makeModel({ projection: family, input, functions: 8, bitsPerFunction: 9 }));
        const script = `import { ${load} } from "./runtime.mjs";
          const classifier = ${load}(Uint8Array.from(${JSON.stringify([...bytes])}));
          const { label, logits } = classifier.classify(${JSON.stringify(sample)});
          console.log(JSON.stringify([label, [...logits], [...classifier.codes(${JSON.stringify(sample)})]]));`;
        await Deno.writeTextFile(`${folder}/main.mjs`, script);
        const { stdout, stderr } = await new Deno.Command("node", { args: [`${folder}/main.mjs`] }).output();
        const here = loadPnet(bytes), { label, logits } = here.classify(sample);
        const printed = new TextDecoder().decode(stdout);
        assert(printed !== "", new TextDecoder().decode(stderr));
        assertEquals(JSON.parse(printed), [label, [...logits], [...here.codes(sample)]]);
      }
      if (file === "runtime_text.ts") await assertTextsAgree(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
