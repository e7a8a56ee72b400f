/**
 * A service of the same kind over onnxruntime-web: JSON or raw bytes of an image in, label and probability out.
 *
 *     deno serve -A bench/peers/onnx_service.ts   # with MODEL, the path of an ONNX file, in the environment
 *
 * @module
 */
import { loadOnnx } from "./onnxruntime.ts";

const FEATURES = 784, CLASSES = 10;
const network = await loadOnnx(await Deno.readFile(Deno.env.get("MODEL")!));

async function classify(request: Request): Promise<Response> {
  const isJson = request.headers.get("content-type") === "application/json";
  const body = isJson ? await request.json() : new Uint8Array(await request.arrayBuffer());
  const pixels = Float32Array.from(body as ArrayLike<number>, (value) => value / 255);
  const rows = pixels.length / FEATURES;
  const probabilities = await network.prepare(pixels, rows)();
  const answers = Array.from({ length: rows }, (_, row) => {
    let best = row * CLASSES;
    for (let i = best + 1; i < (row + 1) * CLASSES; i++) if (probabilities[i] > probabilities[best]) best = i;
    return { label: `${best - row * CLASSES}`, probability: probabilities[best] };
  });
  return Response.json(rows === 1 ? answers[0] : { results: answers });
}

export default { fetch: classify } satisfies Deno.ServeDefaultExport;
