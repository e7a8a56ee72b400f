/**
 * A service under load for a long time while its model is replaced again and again: whether a request fails, and whether its resident memory stays flat. The
 * command `serve --watch` runs as a process of its own; this one sends requests at a fixed rate, each at its time on one of several connections, and writes one
 * of two models over the served file every few seconds. An answer has to be that of one of the two. Linux only.
 *
 *     deno task bench:soak [--minutes M] [--rate N] [--connections N] [--reload SECONDS] [--json]
 *
 * Memory is read once a second, at least 60 times. The first sixth of the time is warm-up; the rest is cut into ten parts, and the median of each may be at most
 * 5 % above that of the first. That holds for memory of the process's own: of the program's file the kernel keeps as many pages resident as it likes, which is
 * told beside it. The exit code is 1 when it is not so, or when a request failed.
 */
import { integer, number } from "../lib/cli/option_values.ts";
import { flag } from "../lib/cli/options.ts";
import { encodePnet } from "../lib/packed/mod.ts";
import { packModel } from "./packed_model.ts";
import { readBenchArguments } from "./recipes.ts";
import { median } from "./statistics.ts";

const FEATURES = 784, IMAGES = 64, BATCH = 16, PARTS = 10, TOLERANCE = 0.05;
/** Of so many requests one is JSON, and one a batch. */
const CYCLE = 10;
/** Delays that percentiles are made of, a random sample of all. */
const KEPT = 1e5;

const positive = (value: string, usual: number, help: string) => (
  { value, help, parse: number({ above: 0 }), default: `${usual}` }
);
const { minutes, rate, connections, reload, json } = readBenchArguments("bench:soak", {
  minutes: positive("M", 60, "how long"),
  rate: positive("N", 2000, "requests a second"),
  connections: { value: "N", help: "connections", parse: integer({ min: 1 }), default: "32" },
  reload: positive("SECONDS", 5, "time between two models"),
  json: flag("print one JSON object"),
});
const seconds = 60 * minutes;

/** What is sent, and the labels that either model may answer. */
interface Exchange {
  request: Uint8Array<ArrayBuffer>;
  answers: string[];
}

const encoder = new TextEncoder(), decoder = new TextDecoder();
const models = [
  packModel({ family: "hadamard", head: "ternary", bits: 720 }),
  packModel({ family: "gaussian", head: "int8", bits: 240 }),
];
const files = models.map(({ model }) => encodePnet(model));

/** Images that look like digits: mostly black. */
const images = Array.from({ length: IMAGES }, (_, image) => {
  let state = image;
  return Uint8Array.from({ length: FEATURES }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return i % 7 < 5 ? 0 : state >>> 24;
  });
});

function post(type: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = `POST /v1/classify HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\n` +
    `content-length: ${body.length}\r\n\r\n`;
  return Uint8Array.from([...encoder.encode(head), ...body]);
}

const exchanges = images.map((image, index): Exchange => {
  const kind = index % CYCLE;
  const batch = kind === 1 ? Array.from({ length: BATCH }, (_, i) => images[(index + i) % IMAGES]) : [image];
  const request = kind === 0
    ? post("application/json", encoder.encode(JSON.stringify([...image])))
    : post("application/octet-stream", Uint8Array.from(batch.flatMap((pixels) => [...pixels])));
  return { request, answers: models.map(({ plain }) => batch.map((pixels) => plain.classify(pixels).label).join()) };
});

/** One connection that is opened again when it breaks. */
class Client {
  readonly #port: number;
  readonly #buffer = new Uint8Array(1 << 16);
  #connection?: Deno.TcpConn;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request and gives status and body of the response. */
  async ask(request: Uint8Array<ArrayBuffer>): Promise<{ status: number; body: string }> {
    try {
      const connection = this.#connection ??= await Deno.connect({ port: this.#port, hostname: "127.0.0.1" });
      for (let sent = 0; sent < request.length;) sent += await connection.write(request.subarray(sent));
      let text = "";
      while (true) {
        const count = await connection.read(this.#buffer);
        if (count === null) throw new Error("the connection was closed before the response ended");
        text += decoder.decode(this.#buffer.subarray(0, count));
        const end = text.indexOf("\r\n\r\n");
        if (end < 0) continue;
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]);
        if (!(text.length >= end + 4 + length)) continue;
        return { status: Number(text.slice(9, 12)), body: text.slice(end + 4) };
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

/** Starts the command and gives its port and the number of the process that serves. */
async function serve(path: string): Promise<{ child: Deno.ChildProcess; port: number; process: number }> {
  const root = new URL("../", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", `${root}.ci/deno.ts`, "run", "-q", "-A", `${root}lib/cli/mod.ts`]
      .concat("serve", path, "--watch", "--port", "0", "--json"),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.includes("\n")) break;
  }
  const { port } = JSON.parse(said);
  const children = await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/children`);
  return { child, port, process: Number(children) };
}

/** Resident memory of a process in bytes: its own, and with the pages of files. */
async function memoryOf(process: number): Promise<{ own: number; resident: number }> {
  const status = await Deno.readTextFile(`/proc/${process}/status`);
  const bytes = (name: string): number => 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]);
  return { own: bytes("RssAnon") + bytes("RssShmem"), resident: bytes("VmRSS") };
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

const folder = await Deno.makeTempDir();
const path = `${folder}/digits.pnet`;
await Deno.writeFile(path, files[0]);
const { child, port, process } = await serve(path);
let loaded = 0;
const notes = (async () => {
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    loaded += text.split(": loaded ").length - 1;
  }
})();

const memory: { own: number; resident: number }[] = [], delays: number[] = [], failures: string[] = [];
const first = performance.now();
let done = 0, late = 0, replaced = 0, ending = false;
const elapsed = (): number => (performance.now() - first) / 1000;

async function load(connection: number): Promise<void> {
  const client = new Client(port);
  for (let number = connection; !ending && number / rate < seconds; number += connections) {
    const wait = number / rate - elapsed();
    if (wait > 0) await sleep(1000 * wait);
    const { request, answers } = exchanges[number % IMAGES];
    try {
      const { status, body } = await client.ask(request);
      const found = [...body.matchAll(/"label":"([^"]*)"/g)].map(([, label]) => label);
      if (status !== 200 || !answers.includes(found.join())) failures.push(`${status} ${body.slice(0, 200)}`);
    } catch (error) {
      failures.push(String(error));
    }
    done++;
    const delay = elapsed() - number / rate;
    if (delay > 1) late++;
    if (delays.length < KEPT) delays.push(delay);
    else {
      const place = Math.floor(Math.random() * done);
      if (place < KEPT) delays[place] = delay;
    }
  }
  client.close();
}

async function replace(): Promise<void> {
  for (let round = 1; elapsed() < seconds - 2; round++) {
    await sleep(1000 * Math.max(0, Math.min(round * reload, seconds) - elapsed()));
    if (round * reload > seconds - 2) break;
    await Deno.writeFile(`${path}.new`, files[round % 2]);
    await Deno.rename(`${path}.new`, path);
    replaced++;
  }
}

const interval = Math.min(1, seconds / 60);

async function watch(): Promise<void> {
  let told = 0;
  while (!ending && elapsed() < seconds) {
    await sleep(1000 * ((memory.length + 1) * interval - elapsed()));
    memory.push(await memoryOf(process));
    if (elapsed() < told) continue;
    told = elapsed() + 60;
    console.error(
      `${(elapsed() / 60).toFixed(0)} min: ${done} requests, ${failures.length} failed, ${loaded} of ${replaced} ` +
        `replacements loaded, ${megabytes(memory[memory.length - 1].own)} MB of its own`,
    );
  }
}

Deno.addSignalListener("SIGINT", () => ending = true);
await Promise.all([watch(), replace(), ...Array.from({ length: connections }, (_, connection) => load(connection))]);
const took = elapsed();
child.kill("SIGTERM");
const { code } = await child.status;
await notes;
await Deno.remove(folder, { recursive: true });

const settled = memory.slice(Math.floor(memory.length / 6));
const bound = (part: number): number => Math.floor(part * settled.length / PARTS);
const partsOf = (kind: "own" | "resident"): number[] =>
  Array.from({ length: PARTS }, (_, part) => median(settled.slice(bound(part), bound(part + 1)).map((at) => at[kind])));
const own = partsOf("own"), resident = partsOf("resident");
const growth = Math.max(...own) / own[0] - 1;
delays.sort((a, b) => a - b);
const percentile = (part: number): number => delays[Math.floor(part * delays.length)] * 1000;
const result = {
  minutes: took / 60,
  requests: done,
  requestsPerSecond: done / took,
  failed: failures.length,
  late,
  p50: percentile(0.5),
  p99: percentile(0.99),
  replaced,
  loaded,
  ownBytes: own,
  residentBytes: resident,
  growth,
  exitCode: code,
};
console.log(
  `${done} requests in ${(took / 60).toFixed(1)} min, ${result.requestsPerSecond.toFixed(0)} a second, ` +
    `p50 ${result.p50.toFixed(2)} ms, p99 ${result.p99.toFixed(2)} ms from the time that each was due; ` +
    `${failures.length} failed, ${late} answered more than a second late\n` +
    `${loaded} of ${replaced} replacements of the model loaded; the service ended with exit code ${code}\n` +
    `MB of its own after warm-up, tenth by tenth: ${own.map(megabytes).join(" ")}, ` +
    `with pages of files ${resident.map(megabytes).join(" ")}; ` +
    `largest ${(100 * growth).toFixed(1)} % above the first`,
);
for (const failure of failures.slice(0, 10)) console.error(failure);
if (json) console.log(JSON.stringify(result));
if (failures.length > 0 || growth > TOLERANCE || code !== 0 || loaded !== replaced) Deno.exitCode = 1;
