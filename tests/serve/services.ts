/** Services of small models for the tests of this room. */
import { createHandler, type Handler, type HandlerOptions } from "../../lib/serve/mod.ts";
import { encodePnet } from "../../lib/packed/mod.ts";
import { FAMILIES, INPUTS, makeModel } from "../packed/models.ts";
import { makeTextModel } from "../packed/text_models.ts";

/** Files of models: an image of 6 numbers, a table of 6 finite numbers, a text that may be rejected. */
export const FILES = {
  image: encodePnet(makeModel({ functions: 8, bitsPerFunction: 9 })),
  table: encodePnet(makeModel({ input: INPUTS[2], projection: FAMILIES[2], functions: 20 })),
  text: encodePnet(makeTextModel({ rejection: 128, labels: ["yes", 'a "label"'] })),
};

/** A service of these models that passes on its own faults. */
export function makeService(options: Partial<HandlerOptions> = {}): Handler {
  return createHandler({
    models: FILES,
    onError(error) {
      throw error;
    },
    ...options,
  });
}

/** A request to classify something. */
export function post(body: unknown, { type = "application/json", query = "", headers = {} } = {}): Request {
  const raw = typeof body === "string" && type !== "application/json" || body instanceof Uint8Array ||
    body instanceof ReadableStream;
  return new Request(`http://service/v1/classify${query}`, {
    method: "POST",
    headers: { ...(type !== "" && { "content-type": type }), ...headers },
    body: raw ? body as BodyInit : JSON.stringify(body),
  });
}

/** Starts a server on a free port for the time of a test. */
export async function withServer(
  handler: Handler,
  test: (address: { hostname: string; port: number; url: string }) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler.fetch);
  const { port } = server.addr as Deno.NetAddr;
  try {
    await test({ hostname: "127.0.0.1", port, url: `http://127.0.0.1:${port}` });
  } finally {
    await server.shutdown();
  }
}
