/** What goes wrong on a network and in clients: the service answers with a reason in bounded time, and good requests beside it as ever. */
import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { randomNumbers } from "../cli/harness.ts";
import { FILES, makeService, post, withServer } from "./services.ts";

const SAMPLE = [1, 2, 3, 250, 5, 6];
const encoder = new TextEncoder();
const HEADERS = "POST /v1/classify HTTP/1.1\r\nhost: service\r\ncontent-type: application/json\r\n";

/** Sends parts, with a pause after each, and reads one response unless the connection is to be broken off. */
async function exchange(
  address: { hostname: string; port: number },
  parts: readonly string[],
  { pause = 0, abort = false } = {},
): Promise<string> {
  const connection = await Deno.connect(address);
  const reading = abort ? Promise.resolve("") : readResponse(connection);
  let answered = false;
  reading.then(() => answered = true);
  try {
    for (const part of parts) {
      await connection.write(encoder.encode(part));
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      if (answered) break;
    }
  } catch { /* the service has closed the connection */ }
  const answer = await reading;
  connection.close();
  return answer;
}

/** Reads until the end of a response of a known length or in chunks. */
async function readResponse(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder(), buffer = new Uint8Array(4096);
  let text = "";
  for (;;) {
    const [head, body] = text.split("\r\n\r\n", 2);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (body !== undefined && (length === undefined ? text.endsWith("0\r\n\r\n") : body.length >= Number(length))) {
      return text;
    }
    const count = await connection.read(buffer);
    if (count === null) return text;
    text += decoder.decode(buffer.subarray(0, count));
  }
}

const ok = async (url: string): Promise<void> => {
  const response = await fetch(`${url}/v1/classify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(SAMPLE),
  });
  assertEquals(response.status, 200);
  await response.json();
};

Deno.test("faults: a body that comes byte by byte gets 408, while others are served", async () => {
  const service = makeService({ limits: { milliseconds: 300 } });
  await withServer(service, async (address) => {
    const body = JSON.stringify(SAMPLE);
    const announced = exchange(address, [`${HEADERS}content-length: ${body.length}\r\n\r\n`, ...body], { pause: 80 });
    const chunked = exchange(address, [
      `${HEADERS}transfer-encoding: chunked\r\n\r\n`,
      ..."1\r\n[\r\n1\r\n1\r\n1\r\n,\r\n",
    ], {
      pause: 80,
    });
    const lines = exchange(address, [
      `${HEADERS.replace("/json", "/jsonl")}content-length: ${body.length}\r\n\r\n`,
      ...body,
    ], { pause: 80 });
    let late = 0;
    for (const answer of [announced, chunked, lines]) answer.then(() => late++);
    await ok(address.url);
    assertEquals(late, 0);
    for (const answer of await Promise.all([announced, chunked, lines])) {
      assertStringIncludes(answer, "HTTP/1.1 408");
      assertStringIncludes(answer, "took more than 300 ms to arrive");
    }
    await ok(address.url);
  });
});

Deno.test("faults: JSON lines that stop coming after the first are ended with a line that says so", async () => {
  const service = makeService({ limits: { milliseconds: 200 } });
  await withServer(service, async (address) => {
    const line = `${JSON.stringify(SAMPLE)}\n`;
    const answer = await exchange(address, [
      `${HEADERS.replace("/json", "/jsonl")}content-length: 999\r\nconnection: close\r\n\r\n${line}`,
      ..."[1, 2,",
    ], { pause: 60 });
    assertStringIncludes(answer, "HTTP/1.1 200");
    assertStringIncludes(answer, '{"label":');
    assertStringIncludes(answer, '{"error":"a line took more than 200 ms to arrive"}');
    await ok(address.url);
  });
});

Deno.test("faults: bodies that break off, lie about their length, or are too long", async () => {
  const service = makeService({ limits: { bodyBytes: 1000, milliseconds: 500 } });
  await withServer(service, async (address) => {
    for (const type of [HEADERS, HEADERS.replace("/json", "/jsonl")]) {
      await exchange(address, [`${type}content-length: 500\r\n\r\n[1, 2,`], { abort: true });
      await exchange(address, [`${type}transfer-encoding: chunked\r\n\r\n5\r\n[1, 2\r\n`], { abort: true });
    }
    const announced = await exchange(address, [`${HEADERS}content-length: 999999999999\r\n\r\n`]);
    assertStringIncludes(announced, "HTTP/1.1 413");
    const chunk = `100\r\n${"1".repeat(256)}\r\n`;
    const chunked = await exchange(address, [`${HEADERS}transfer-encoding: chunked\r\n\r\n`, ...Array(40).fill(chunk)]);
    assertStringIncludes(chunked, "HTTP/1.1 413");
    const negative = await exchange(address, [`${HEADERS}content-length: -1\r\n\r\n`]);
    assertStringIncludes(negative, "HTTP/1.1 400");
    await ok(address.url);
  });
  const text = await (await service.fetch(new Request("http://service/metrics"))).text();
  assert(!/status="5/.test(text), text);
  assertStringIncludes(text, "projectionnet_requests_in_flight 1\n");
});

Deno.test("faults: bodies that are held by slow clients do not add up beyond a limit", async () => {
  const service = makeService({ limits: { heldBytes: 1000, bodyBytes: 600, milliseconds: 400 } });
  const slow = (): Promise<Response> =>
    service.fetch(post(new ReadableStream<Uint8Array>({}), { headers: { "content-length": "400" } }));
  const first = slow(), second = slow();
  const refused = await slow();
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  assertStringIncludes((await refused.json()).detail, "wanted at most 1000");
  assertEquals([(await first).status, (await second).status], [408, 408]);
  assertEquals((await service.fetch(post(SAMPLE))).status, 200);
});

Deno.test("faults: what comes of a body after its time is not read, and not held for ever", async () => {
  const service = makeService({ limits: { heldBytes: 1000, bodyBytes: 600, milliseconds: 50 } });
  let cancelled = 0;
  for (let client = 0; client < 4; client++) {
    const late = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await late.promise;
        controller.enqueue(new Uint8Array(400));
      },
      cancel() {
        cancelled++;
      },
    }, { highWaterMark: 0 });
    assertEquals((await service.fetch(post(body))).status, 408);
    late.resolve();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertEquals(cancelled, 4);
  assertEquals((await service.fetch(post(SAMPLE))).status, 200);
  assertEquals((await service.fetch(post(new Uint8Array(599)))).status, 400);
});

Deno.test("faults: JSON lines that come after their time are not read on", async () => {
  const service = makeService({ limits: { milliseconds: 50 } });
  for (const [lines, status] of [[0, 408], [1, 200]]) {
    const late = Promise.withResolvers<void>(), cancelled = Promise.withResolvers<void>();
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (pulls++ === lines) await late.promise;
        controller.enqueue(encoder.encode(`${JSON.stringify(SAMPLE)}\n`));
      },
      cancel: () => cancelled.resolve(),
    }, { highWaterMark: 0 });
    const response = await service.fetch(post(body, { type: "application/jsonl" }));
    assertEquals(response.status, status);
    assertStringIncludes(await response.text(), "a line took more than 50 ms to arrive");
    late.resolve();
    await cancelled.promise;
    assertEquals(pulls, lines + 1);
  }
});

Deno.test("faults: deep nesting and huge numbers of values are refused in little time", async () => {
  const service = makeService();
  const bodies = [
    "[".repeat(500_000) + "]".repeat(500_000),
    '{"input":'.repeat(100_000) + "1" + "}".repeat(100_000),
    `[${"0,".repeat(499_999)}0]`,
    `[${"[],".repeat(249_999)}[]]`,
    `"${"x".repeat(1_000_000)}"`,
    `{"inputs":[${"[1],".repeat(200_000)}[1]]}`,
    `{"id":${"[".repeat(100_000)}${"]".repeat(100_000)},"input":[1,2,3,4,5,6]}`,
    "1".repeat(1_000_000),
  ];
  for (const body of bodies) {
    const started = performance.now();
    const response = await service.fetch(post(encoder.encode(body)));
    const text = await response.text();
    assert(response.status >= 400 && response.status < 500, `${body.slice(0, 20)}: ${response.status}`);
    assertLess(text.length, 1000);
    assertLess(performance.now() - started, 5000);
  }
});

Deno.test("faults: a batch that takes too long is given up", async () => {
  const service = makeService({ limits: { milliseconds: 1, textLength: 20_000 } });
  const texts = Array.from({ length: 150 }, (_, i) => `word${i} `.repeat(2000));
  const response = await service.fetch(post(texts, { query: "?model=text" }));
  assertEquals(response.status, 413);
  assertStringIncludes((await response.json()).detail, "of 150 samples took 1 ms");
});

Deno.test("faults: a long batch lets short requests pass", async () => {
  const service = makeService();
  const texts = Array.from({ length: 400 }, (_, i) => `word${i} `.repeat(1000));
  const order: string[] = [];
  const long = service.fetch(post(texts, { query: "?model=text" })).then((response) => {
    assertEquals(response.status, 200);
    order.push("long");
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await service.fetch(post(SAMPLE)).then(() => order.push("short"));
  await long;
  assertEquals(order, ["short", "long"]);
});

Deno.test("faults: 10,000 changed requests are answered or refused, and good ones among them as ever", async () => {
  const service = makeService();
  const random = randomNumbers(11);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
  const good = [
    { body: JSON.stringify(SAMPLE), type: "application/json" },
    { body: JSON.stringify({ id: 1, inputs: [SAMPLE, SAMPLE], top: 2 }), type: "application/json" },
    { body: '{"input":"ein Text \\u00e4 \u{1f600}","top":1}', type: "application/json" },
    { body: "\u0001\u0002\u0003\u0004\u0005\u0006", type: "application/octet-stream" },
    { body: `${JSON.stringify(SAMPLE)}\n{"input":[1,2,3,4,5,6]}\n"text"\n`, type: "application/jsonl" },
    { body: "ein Text", type: "text/plain" },
  ];
  const insertions = [
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "\\",
    "null",
    "NaN",
    "-1e999",
    "\\ud800",
    "0.1",
    "99999999999999999999",
  ];
  const wanted = await (await service.fetch(post(SAMPLE))).text();
  const seen: Record<number, number> = {};
  for (let round = 0; round < 10_000; round++) {
    const { body, type } = pick(good);
    let bytes = encoder.encode(body);
    for (let change = 0; change <= random() * 4; change++) {
      const at = Math.floor(random() * (bytes.length + 1)), kind = random();
      if (kind < 0.3 && at < bytes.length) bytes[at] = Math.floor(random() * 256);
      else if (kind < 0.5) bytes = bytes.slice(0, at);
      else if (kind < 0.8) {
        bytes = Uint8Array.of(...bytes.slice(0, at), ...encoder.encode(pick(insertions)), ...bytes.slice(at));
      } else bytes = Uint8Array.of(...bytes, ...bytes.slice(at));
    }
    const query = pick(["", "?model=text", "?model=table", "?top=2", "?top=%zz", "?model=%00", "?&&=&model=image"]);
    const response = await service.fetch(
      post(bytes, { type: random() < 0.9 ? type : pick(["", "a/b", "application/json;charset"]), query }),
    );
    const text = await response.text();
    assert(response.status === 200 || response.status >= 400 && response.status < 500, `${response.status}: ${text}`);
    assert(
      text !== "" || type === "application/jsonl",
      `${response.status} without a word for ${JSON.stringify(new TextDecoder().decode(bytes))}`,
    );
    seen[response.status] = (seen[response.status] ?? 0) + 1;
    if (round % 100 === 0) assertEquals(await (await service.fetch(post(SAMPLE))).text(), wanted);
  }
  for (const status of [200, 400, 415, 422]) assert(seen[status] > 100, JSON.stringify(seen));
});

Deno.test("faults: models are replaced under load without a lost request", async () => {
  const service = makeService();
  await withServer(service, async ({ url }) => {
    let done = false;
    const clients = Array.from({ length: 8 }, async () => {
      let answered = 0;
      while (!done) {
        await ok(url);
        answered++;
      }
      return answered;
    });
    const broken = FILES.table.slice(0, -3);
    for (let i = 0; i < 60; i++) {
      service.load("image", FILES.image);
      try {
        service.load("image", broken);
      } catch { /* the old one stays */ }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    done = true;
    for (const answered of await Promise.all(clients)) assert(answered > 0);
  });
});
