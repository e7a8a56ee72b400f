import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { encodePnet, PnetFormatError } from "../../lib/packed/mod.ts";
import * as conv from "../../lib/packed/runtime_conv.ts";
import * as plain from "../../lib/packed/runtime.ts";
import * as rows from "../../lib/packed/runtime_rows.ts";
import * as text from "../../lib/packed/runtime_text.ts";
import * as trunk from "../../lib/packed/runtime_trunk.ts";
import { fetchPnetWasm, loadPnetWasm } from "../../lib/packed/runtime_wasm.ts";
import { FAMILIES, makeModel } from "./models.ts";
import { makeTextModel } from "./text_models.ts";

const SAMPLE = [1, 2, 3, 250, 5, 6];
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const entries = { plain, conv, rows, text, trunk, wasm: { loadPnet: loadPnetWasm, fetchPnet: fetchPnetWasm } };

for (const [name, { loadPnet, fetchPnet }] of Object.entries(entries)) {
  Deno.test(`runtime ${name}: from bytes, base64 and an address, with a bound below which answers are rejected`, async () => {
    const bytes = encodePnet(makeModel({ projection: FAMILIES[name === "conv" ? 5 : 0] }));
    const wanted = plain.loadPnet(bytes).classify(SAMPLE);
    assertEquals(wanted.rejected, undefined);
    assertEquals(loadPnet(base64(bytes)).classify(SAMPLE), wanted);
    for (const rejectBelow of [wanted.probability, wanted.probability + 1e-6]) {
      const { rejected } = loadPnet(bytes, { rejectBelow }).classify(SAMPLE);
      assertEquals(rejected, wanted.probability < rejectBelow);
    }
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      ({ url }) => url.endsWith("/model.pnet") ? new Response(bytes) : new Response("no", { status: 404 }),
    );
    const address = `http://127.0.0.1:${server.addr.port}`;
    assertEquals((await fetchPnet(`${address}/model.pnet`)).classify(SAMPLE), wanted);
    const error = await assertRejects(() => fetchPnet(new URL(`${address}/none`)), Error);
    assertStringIncludes(error.message, "/none: the status is 404");
    await server.shutdown();
    for (const broken of ["", "?", base64(bytes).slice(4), base64(bytes.slice(1))]) {
      assertThrows(() => loadPnet(broken), PnetFormatError, "reading .pnet");
    }
  });
}

Deno.test("runtime conv and rows: what the other one runs is refused with a word about it", () => {
  const models = { conv: encodePnet(makeModel({ projection: FAMILIES[5] })), rows: encodePnet(makeModel()) };
  assertThrows(() => conv.loadPnet(models.rows), PnetFormatError, "family is sign, wanted its runtime");
  assertThrows(() => rows.loadPnet(models.conv), PnetFormatError, "family is conv, wanted its runtime");
  for (const { loadPnet } of [conv, rows]) {
    assertThrows(() => loadPnet(encodePnet(makeTextModel())), PnetFormatError, "text, wanted its runtime");
  }
});

Deno.test("runtime text: a bound of one's own goes before the file's", () => {
  const bytes = encodePnet(makeTextModel({ rejection: 1 }));
  assertEquals(text.loadPnet(bytes).classify("a").rejected, false);
  assertEquals(text.loadPnet(bytes, { rejectBelow: 1.1 }).classify("a").rejected, true);
});
