/**
 * The service under load on the loopback: requests a second with single images and batches, and latencies at half the highest rate, with a model of 720 bits
 * (Hadamard, ternary head) or the one that is given; and an onnxruntime-web service of the same task (the paper's trainer, 784-1000-1000-1000-10) in the same run. Needs wrk. Each service is one process.
 *
 *     deno task bench:serve [--model FILE.pnet] [--seconds S] [--connections N] [--json]
 *
 * A table goes to standard output; `--json` puts one object on its last line.
 */
import { parseArgs } from "@std/cli/parse-args";
import { encodePnet } from "../lib/packed/mod.ts";
import { writeOnnx } from "./onnx_model.ts";
import { packModel } from "./packed_model.ts";
import { makeProblem } from "./problem.ts";

const FEATURES = 784, BATCH = 256, BODIES = 64;
const args = parseArgs(Deno.args, { string: ["model", "seconds", "connections"], boolean: ["json"] });
const seconds = Number(args.seconds ?? 5), connections = Number(args.connections ?? 64);
const given = args.model as string | undefined;
const folder = await Deno.makeTempDir();

/** What wrk measured. */
interface Load {
  service: string;
  request: string;
  requestsPerSecond: number;
  samplesPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  errors: number;
}

/** Images that look like digits: mostly black. */
function images(count: number): Uint8Array {
  let state = 7;
  return Uint8Array.from({ length: count * FEATURES }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return i % 7 < 5 ? 0 : state >>> 24;
  });
}

/** A script for wrk that sends the bodies in turn, with a pause of so many milliseconds between two requests of a connection. */
async function script(name: string, type: string, bodies: Uint8Array[], pause: number): Promise<string> {
  const paths = await Promise.all(bodies.map(async (body, i) => {
    const path = `${folder}/${name}-${i}`;
    await Deno.writeFile(path, body);
    return JSON.stringify(path);
  }));
  const path = `${folder}/${name}.lua`;
  await Deno.writeTextFile(
    path,
    `local bodies, next = {}, 0
for i, path in ipairs({${paths.join(",")}}) do
  local file = io.open(path, "rb")
  bodies[i] = wrk.format("POST", "/v1/classify", {["content-type"] = "${type}"}, file:read("*a"))
  file:close()
end
function request()
  next = next % #bodies + 1
  return bodies[next]
end
${pause > 0 ? `function delay() return ${pause.toFixed(0)} end` : ""}
function done(summary, latency)
  io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout))
end
`,
  );
  return path;
}

async function measure(
  url: string,
  options: { service: string; request: string; samples: number; script: string },
): Promise<Load> {
  const { service, request, samples } = options;
  const run = async (duration: number): Promise<number[]> => {
    const { stdout, stderr } = await new Deno.Command("wrk", {
      args: ["-t1", `-c${connections}`, `-d${duration}s`, "--latency", "-s", options.script, url],
    }).output();
    const found = /RESULT (.*)/.exec(new TextDecoder().decode(stdout));
    if (found === null) throw new Error(`wrk: ${new TextDecoder().decode(stderr)}`);
    return found[1].split(" ").map(Number);
  };
  await run(1);
  const [requests, microseconds, p50, p99, errors] = await run(seconds);
  const requestsPerSecond = requests / microseconds * 1e6;
  const load = {
    service,
    request,
    requestsPerSecond: Math.round(requestsPerSecond),
    samplesPerSecond: Math.round(requestsPerSecond * samples),
    p50: p50 / 1000,
    p99: p99 / 1000,
    errors,
  };
  console.log(
    `${service.padEnd(16)} ${request.padEnd(28)} ${String(load.requestsPerSecond).padStart(8)} requests/s ` +
      `${String(load.samplesPerSecond).padStart(9)} samples/s  p50 ${load.p50.toFixed(2)} ms  p99 ${
        load.p99.toFixed(2)
      } ms  ${errors} errors`,
  );
  return load;
}

/** Starts a service as a process of its own. */
async function start(file: string, model: string): Promise<{ url: string; stop(): Promise<void> }> {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["serve", "-A", "-q", "--no-check", "--no-lock", "--host", "127.0.0.1", "--port", `${port}`, file],
    env: { MODEL: model },
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (let tries = 0;; tries++) {
    try {
      (await Deno.connect({ port, hostname: "127.0.0.1" })).close();
      break;
    } catch (error) {
      if (tries > 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill();
      await child.status;
    },
  };
}

const loads: Load[] = [];
try {
  const path = given ?? `${folder}/digits.pnet`;
  if (given === undefined) {
    await Deno.writeFile(path, encodePnet(packModel({ family: "hadamard", head: "ternary", bits: 720 }).model));
  }
  const main = `${folder}/main.ts`;
  await Deno.writeTextFile(
    main,
    `import { createHandler } from ${JSON.stringify(new URL("../lib/serve/mod.ts", import.meta.url).href)};
export default createHandler({ models: { digits: await Deno.readFile(Deno.env.get("MODEL")!) } });`,
  );
  const pixels = images(BATCH);
  const single = Array.from({ length: BODIES }, (_, i) => pixels.subarray(i * FEATURES, (i + 1) * FEATURES));
  const json = single.map((image) => new TextEncoder().encode(JSON.stringify([...image])));
  const kinds = {
    bytes: { request: "one image, bytes", type: "application/octet-stream", bodies: single, samples: 1 },
    json: { request: "one image, JSON", type: "application/json", bodies: json, samples: 1 },
    batch: { request: `${BATCH} images, bytes`, type: "application/octet-stream", bodies: [pixels], samples: BATCH },
  };
  const onnx = `${folder}/trainer.onnx`;
  const { widths, weights } = makeProblem("784-1000-1000-1000-10@1");
  await Deno.writeFile(
    onnx,
    writeOnnx(weights.map((values, i) => ({ weights: values, bias: new Float32Array(widths[i + 1]) }))),
  );
  for (
    const [service, file, model] of [
      ["projectionnet", main, path],
      ["onnxruntime-web", new URL("peers/onnx_service.ts", import.meta.url).pathname, onnx],
    ]
  ) {
    const { url, stop } = await start(file, model);
    try {
      for (const [name, { request, type, bodies, samples }] of Object.entries(kinds)) {
        const full = await measure(url, {
          service,
          request,
          samples,
          script: await script(`${service}-${name}`, type, bodies, 0),
        });
        loads.push(full);
        if (service !== "projectionnet" || name === "batch") continue;
        const pause = 2000 * connections / full.requestsPerSecond - full.p50 / 2;
        loads.push(
          await measure(url, {
            service,
            request: `${request}, half the rate`,
            samples,
            script: await script(`${service}-${name}-half`, type, bodies, pause),
          }),
        );
      }
    } finally {
      await stop();
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
if (args.json) console.log(JSON.stringify({ connections, seconds, loads }));
