import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { loadPnet, PnetFormatError } from "../../lib/packed/mod.ts";
import { createHandler } from "../../lib/serve/mod.ts";
import { FILES, makeService, post } from "./services.ts";

const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Request =>
  new Request(`http://service${path}`, { method, headers });
const SAMPLES = [[1, 2, 3, 250, 5, 6], [0, 0, 0, 0, 0, 0], [255, 255, 1, 9, 77, 0]];
const rounded = (probability: number): number => Math.round(probability * 1e6) / 1e6;

/** What the model itself says of a sample, as an answer of the service. */
function expected(file: Uint8Array, sample: number[] | string, top?: number): Record<string, unknown> {
  const classifier = loadPnet(file);
  const { label, probability, probabilities, rejected } = classifier.classify(sample);
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  return {
    label,
    probability: rounded(probability),
    ...(rejected !== undefined && { rejected }),
    ...(top !== undefined && {
      top: order.slice(0, top).map((i) => ({ label: classifier.labels[i], probability: rounded(probabilities[i]) })),
    }),
  };
}

async function answers(request: Request): Promise<unknown> {
  const response = await makeService().fetch(request);
  assertEquals(response.status, 200, await response.clone().text());
  return await response.json();
}

Deno.test("classify: one sample of each kind of model, in every form", async () => {
  const { image, table, text } = FILES;
  const [sample] = SAMPLES;
  assertEquals(await answers(post(sample)), expected(image, sample));
  assertEquals(await answers(post({ input: sample, id: [7, "x"] })), { id: [7, "x"], ...expected(image, sample) });
  assertEquals(await answers(post(sample, { query: "?top=2" })), expected(image, sample, 2));
  assertEquals(await answers(post({ input: sample, top: 9 })), expected(image, sample, 9));
  assertEquals(
    await answers(post(Uint8Array.from(sample), { type: "application/octet-stream" })),
    expected(image, sample),
  );
  const numbers = [0.5, -1.25, 3, 1e9, -7, 0];
  const query = "?model=table";
  assertEquals(await answers(post(numbers, { query })), expected(table, numbers));
  const bytes = new Uint8Array(Float32Array.from(numbers).buffer);
  assertEquals(await answers(post(bytes, { query, type: "application/octet-stream" })), expected(table, numbers));
  const words = 'Ein "Satz" \u{1f600} \ud800';
  for (const body of [words, { input: words }]) {
    assertEquals(await answers(post(body, { query: "?model=text" })), expected(text, words));
  }
  const plain = post("Ein Satz", { query: "?model=text", type: "text/plain; charset=UTF-8" });
  assertEquals(await answers(plain), expected(text, "Ein Satz"));
});

Deno.test("classify: many samples are answered in order, whatever their number", async () => {
  const { image, table, text } = FILES;
  const results = async (request: Request): Promise<unknown> => {
    const { model, results } = await answers(request) as { model: string; results: unknown };
    assertEquals(typeof model, "string");
    return results;
  };
  const many = Array.from({ length: 300 }, (_, i) => SAMPLES[i % 3].map((value) => (value * (i + 1)) & 255));
  assertEquals(await results(post(many)), many.map((sample) => expected(image, sample)));
  assertEquals(await results(post({ inputs: many, top: 1 })), many.map((sample) => expected(image, sample, 1)));
  const bytes = post(Uint8Array.from(many.flat()), { type: "application/octet-stream" });
  assertEquals(await results(bytes), many.map((sample) => expected(image, sample)));
  const numbers = many.map((sample) => sample.map((value) => value / 3 - 40));
  assertEquals(await results(post(numbers, { query: "?model=table" })), numbers.map((row) => expected(table, row)));
  const texts = many.map((_, i) => `text number ${i}`.repeat(1 + i % 5));
  assertEquals(await results(post(texts, { query: "?model=text" })), texts.map((row) => expected(text, row)));
  assertEquals(await results(post([])), []);
  assertEquals(await results(post({ inputs: [] }, { query: "?model=text" })), []);
  assertEquals(await results(post([SAMPLES[1]])), [expected(image, SAMPLES[1])]);
});

Deno.test("classify: JSON lines are answered line by line while the body is still open", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter(), encoder = new TextEncoder();
  const first = writer.write(encoder.encode(`${JSON.stringify(SAMPLES[0])}\n`));
  const response = await makeService().fetch(post(readable, { type: "application/x-ndjson", query: "?top=1" }));
  assertEquals(response.headers.get("content-type"), "application/jsonl");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals(JSON.parse((await reader.read()).value!), expected(FILES.image, SAMPLES[0], 1));
  await first;
  const rest = writer.write(encoder.encode(`\n[1]\n{"id":3,"input":${JSON.stringify(SAMPLES[2])}}`));
  const closed = rest.then(() => writer.close());
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  await closed;
  const [wrong, right] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(wrong.line, 3);
  assertStringIncludes(wrong.error, "wanted 6");
  assertEquals(right, { id: 3, ...expected(FILES.image, SAMPLES[2], 1) });
});

Deno.test("classify: what is wrong with a request is said with its place", async () => {
  const [good] = SAMPLES;
  const bytes = "application/octet-stream", text = { query: "?model=text" }, table = { query: "?model=table" };
  const limits = { batch: 3, textLength: 10, bodyBytes: 200 };
  const cases: [request: Request, status: number, detail: string, pointer?: string][] = [
    [post("[1, 2"), 422, "found a string", ""],
    [post(new TextEncoder().encode("[1, 2")), 400, "the body is not JSON"],
    [post(new Uint8Array(0)), 400, "the body is not JSON"],
    [post(Uint8Array.of(34, 0xff, 34)), 400, "not UTF-8"],
    [post(new TextEncoder().encode(`"${"[".repeat(180)}"`)), 422, "found a string"],
    [post(new TextEncoder().encode(`["\\"", ${"[".repeat(100)}`)), 400, "nests deeper than 100"],
    [post(null), 422, "found null", ""],
    [post(17), 422, "found 17", ""],
    [post({}), 422, 'neither "input" nor "inputs"', ""],
    [post({ input: good, inputs: [good] }), 422, 'both "input" and "inputs"', ""],
    [post({ input: 5 }), 422, "found 5, wanted an array of 6 numbers", "/input"],
    [post({ inputs: 5 }), 422, "found 5, wanted an array of samples", "/inputs"],
    [post([1, 2, 3]), 422, "found an array of 3, wanted an array of 6 numbers", ""],
    [post([1, 2, 3, "4", 5, 6]), 422, "feature 3 of sample 0 is 4, wanted an integer 0...255", "/3"],
    [post([1, 2, 3, 4, 5, 256]), 422, "wanted an integer 0...255", "/5"],
    [post([1, 2, 3, 4.5, 5, 6]), 422, "wanted an integer 0...255", "/3"],
    [post({ input: [null, 2, 3, 4, 5, 6] }), 422, "wanted an integer 0...255", "/input/0"],
    [post([good, [1, 2]]), 422, "found an array of 2", "/1"],
    [post([good, 7]), 422, "found 7", "/1"],
    [post([good, [1, 2, 3, 4, 5, -1]]), 422, "found -1, wanted an integer 0...255", "/1/5"],
    [post({ inputs: [good, [1, 2, [3], 4, 5, 6]] }), 422, "found an array of 1", "/inputs/1/2"],
    [post([good, good, good, good]), 413, "a batch of 4 samples, wanted at most 3", ""],
    [post(new Uint8Array(24), { type: bytes }), 413, "a batch of 4 samples"],
    [post(new Uint8Array(7), { type: bytes }), 422, "found 7 bytes, wanted a multiple of 6 bytes a sample"],
    [post(new Uint8Array(0), { type: bytes }), 422, "found 0 bytes"],
    [post(new Uint8Array(25), { type: bytes, ...table }), 422, "a multiple of 24 bytes a sample, 6 float32 numbers"],
    [post(new Uint8Array(48).fill(255), { type: bytes, ...table }), 422, "feature 0 of sample 0 is NaN"],
    [post([[1, 2, 3, 4, 5, "6"]], table), 422, "found a string, wanted a finite number", "/0/5"],
    [post(new TextEncoder().encode("[1,2,3,4,5,1e999]"), table), 422, "Infinity, wanted a finite number", "/5"],
    [post(good, text), 422, "found 1, wanted a string", "/0"],
    [post("12345678901", text), 413, "a text of 11 UTF-16 code units, wanted at most 10", ""],
    [post(["a", null], text), 422, "found null, wanted a string", "/1"],
    [post({ inputs: ["a", "b", "c", "d"] }, text), 413, "a batch of 4"],
    [post("text", { type: "text/plain" }), 415, "wanted application/json, application/octet-stream"],
    [post(new Uint8Array(6), { type: "" }), 415, "the content type is missing"],
    [post(good, { type: "application/json; charset=latin1" }), 415, "the character set is latin1"],
    [post(good, { headers: { "content-encoding": "gzip" } }), 415, "the content encoding is gzip"],
    [post(good, { query: "?top=0" }), 422, "top is 0, wanted a whole number from 1 to 100"],
    [post(good, { query: "?top=" }), 422, "top is NaN"],
    [post(good, { query: "?top=1.5" }), 422, "top is 1.5"],
    [post({ input: good, top: "3" }), 422, "top is a string", "/top"],
    [post(good, { query: "?model=none" }), 404, 'no model "none", but image, table, text'],
    [post(good, { query: "?model=__proto__" }), 404, "no model"],
    [post(new Uint8Array(201)), 413, "more than 200 bytes"],
    [post(ReadableStream.from([new Uint8Array(150), new Uint8Array(150)])), 413, "more than 200 bytes"],
    [get("/v1/classify"), 405, "the method is GET, wanted POST"],
    [get("/healthz", {}, "DELETE"), 405, "wanted GET or HEAD"],
    [get("/constructor"), 404, "there is no /constructor"],
    [get("/v1/model?model=x"), 404, "no model"],
  ];
  for (const [request, status, detail, pointer] of cases) {
    const response = await makeService({ limits }).fetch(request);
    const problem = await response.json();
    const where = `${detail}: ${JSON.stringify(problem)}`;
    assertEquals(response.status, status, where);
    assertEquals(response.headers.get("content-type"), "application/problem+json");
    assertStringIncludes(problem.detail, detail);
    assertEquals(problem.status, status);
    assertEquals(typeof problem.title, "string");
    assertEquals(problem.pointer, pointer ?? problem.pointer, where);
  }
  const wrongMethod = await makeService().fetch(get("/v1/classify"));
  assertEquals(wrongMethod.headers.get("allow"), "POST");
});

Deno.test("resources: descriptions, the file, the page, each with an ETag that saves the next transfer", async () => {
  const service = makeService();
  for (const path of ["/", "/v1/model", "/v1/models", "/v1/model.pnet?model=text", "/openapi.json", "/?model=text"]) {
    const response = await service.fetch(get(path));
    assertEquals(response.status, 200);
    const etag = response.headers.get("etag")!;
    assertMatch(etag, /^"[0-9a-f]{24}"$/);
    const body = await response.arrayBuffer();
    assert(body.byteLength > 0);
    for (const known of [etag, `"x", W/${etag}`, "*"]) {
      const again = await service.fetch(get(path, { "if-none-match": known }));
      assertEquals([again.status, again.body, again.headers.get("etag")], [304, null, etag]);
    }
    const other = await service.fetch(get(path, { "if-none-match": '"x"' }));
    assertEquals((await other.arrayBuffer()).byteLength, body.byteLength);
    const head = await service.fetch(get(path, {}, "HEAD"));
    assertEquals([head.status, head.body, head.headers.get("etag")], [200, null, etag]);
    assertEquals(head.headers.get("content-length"), `${body.byteLength}`);
  }
  const file = await service.fetch(get("/v1/model.pnet?model=text"));
  assertEquals(new Uint8Array(await file.arrayBuffer()), FILES.text);
  const { models } = await (await service.fetch(get("/v1/models"))).json();
  assertEquals(models.map(({ name }: { name: string }) => name), ["image", "table", "text"]);
  assertEquals(models[0].input, { kind: "image", width: 3, height: 1, channels: 2, features: 6 });
  assertEquals(models[1].input, { kind: "table", features: 6, numbers: "finite numbers" });
  assertEquals([models[2].input, models[2].labels], [{ kind: "text" }, ["yes", 'a "label"']]);
  assertEquals(models[0].modelBytes, FILES.image.length);
  assertStringIncludes(await (await service.fetch(get("/"))).text(), "<h1>image</h1>");
});

Deno.test("openapi: every reference leads somewhere, and every route is described", async () => {
  const document = await (await makeService().fetch(get("/openapi.json"))).json();
  const references = JSON.stringify(document).match(/"#\/[^"]+"/g)!;
  for (const reference of references) {
    const found = JSON.parse(reference).slice(2).split("/").reduce(
      (place: Record<string, unknown>, name: string) => place?.[name],
      document,
    );
    assert(found !== undefined, reference);
  }
  const service = makeService();
  for (const [path, operations] of Object.entries<Record<string, unknown>>(document.paths)) {
    const method = Object.keys(operations)[0].toUpperCase();
    const request = method === "POST" ? post(SAMPLES[0]) : get(path, {}, method);
    const response = await service.fetch(request);
    assertEquals(response.status, 200, path);
    const types = Object.keys(
      (operations[method.toLowerCase()] as { responses: Record<number, { content: object }> }).responses[200].content,
    );
    assert(types.includes(response.headers.get("content-type")!.split(";")[0]), path);
    await response.body?.cancel();
  }
});

Deno.test("metrics: requests, samples, times and models are counted", async () => {
  const service = makeService();
  await service.fetch(post(SAMPLES));
  await service.fetch(post([1]));
  await service.fetch(get("/nowhere"));
  await service.fetch(post(SAMPLES[0]));
  const text = await (await service.fetch(get("/metrics"))).text();
  for (
    const line of [
      'projectionnet_requests_total{route="/v1/classify",status="200"} 2',
      'projectionnet_requests_total{route="/v1/classify",status="422"} 1',
      'projectionnet_requests_total{route="other",status="404"} 1',
      'projectionnet_samples_total{model="image"} 4',
      "projectionnet_requests_in_flight 1",
      `projectionnet_model_bytes{model="text"} ${FILES.text.length}`,
      'projectionnet_classify_seconds_bucket{le="+Inf"} 2',
      "projectionnet_classify_seconds_count 2",
    ]
  ) assertStringIncludes(text, `${line}\n`);
  for (const line of text.trimEnd().split("\n")) {
    assertMatch(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/);
  }
});

Deno.test("cors: nobody by default; else the origins that are named", async () => {
  const origin = { origin: "https://a.example" };
  const header = (response: Response): string | null => response.headers.get("access-control-allow-origin");
  const closed = makeService();
  assertEquals(header(await closed.fetch(post(SAMPLES[0], { headers: origin }))), null);
  assertEquals((await closed.fetch(get("/v1/classify", origin, "OPTIONS"))).status, 405);
  const open = makeService({ cors: ["https://a.example"] });
  const answer = await open.fetch(post(SAMPLES[0], { headers: origin }));
  assertEquals([header(answer), answer.headers.get("vary")], ["https://a.example", "origin"]);
  const preflight = await open.fetch(get("/v1/classify", origin, "OPTIONS"));
  assertEquals([preflight.status, header(preflight)], [204, "https://a.example"]);
  assertEquals(header(await open.fetch(post(SAMPLES[0], { headers: { origin: "https://b.example" } }))), null);
  const problem = await open.fetch(post([1], { headers: origin }));
  assertEquals([problem.status, header(problem)], [422, "https://a.example"]);
  const all = makeService({ cors: ["*"] });
  assertEquals(header(await all.fetch(get("/v1/model", origin))), "*");
});

Deno.test("load: a model is replaced between requests, a broken file changes nothing", async () => {
  const service = makeService();
  const label = async (): Promise<unknown> => (await (await service.fetch(get("/v1/model"))).json()).labels;
  const before = await label();
  const broken = FILES.image.slice();
  broken[20] ^= 4;
  assertThrows(() => service.load("image", broken), PnetFormatError);
  assertThrows(() => service.load("image", new Uint8Array(0)), PnetFormatError);
  assertEquals(await label(), before);
  service.load("image", FILES.text);
  assertEquals(await label(), ["yes", 'a "label"']);
  service.load("another", FILES.table);
  assertEquals((await service.fetch(post([1, 2, 3, 4, 5, 6], { query: "?model=another" }))).status, 200);
  const text = await (await service.fetch(get("/metrics"))).text();
  assertStringIncludes(text, 'model_loads_total{model="image",result="refused"} 2');
  assertStringIncludes(text, 'model_loads_total{model="image",result="loaded"} 1');
});

Deno.test("load: a batch that is being answered when its model is replaced is answered by that model", async () => {
  const service = makeService();
  const many = Array.from({ length: 4000 }, (_, i) => [i & 255, i >> 4 & 255, 3, 250, 5, 6]);
  const pending = service.fetch(post(many));
  service.load("image", FILES.text);
  const { results } = await (await pending).json();
  // Which of the two models it is depends on whether the body was read; one of them answers all of it.
  assertEquals(results.length, 4000);
  assertEquals(results[3999], expected(FILES.image, many[3999]));
});

Deno.test("createHandler: no model, no model file, a bad name, a bad limit", () => {
  assertThrows(() => createHandler({ models: {} }), RangeError, "no models");
  assertThrows(() => createHandler({ models: { a: new Uint8Array(9) } }), PnetFormatError);
  assertThrows(() => createHandler({ models: { "a/b": FILES.image } }), RangeError, 'the name is "a/b"');
  assertThrows(() => makeService({ limits: { batch: 0 } }), RangeError, "the limit batch is 0");
});

Deno.test("classify: a body may have 4 MiB unless said otherwise", async () => {
  const sized = (bytes: number): Request =>
    post(new Uint8Array(bytes).fill(0x20), { headers: { "content-length": `${bytes}` } });
  assertEquals((await makeService().fetch(sized(4 << 20))).status, 400);
  assertEquals((await makeService().fetch(sized((4 << 20) + 1))).status, 413);
});
