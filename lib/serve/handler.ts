/**
 * A service for packed models: one function from a request to a response, for `deno serve`, Deno Deploy and whatever else has Request and Response.
 *
 * | request | answer |
 * | --- | --- |
 * | `POST /v1/classify` | labels of one sample or many: JSON, JSON lines, raw bytes, plain text |
 * | `GET /v1/model`, `/v1/models`, `/v1/model.pnet` | what a model takes and gives, all models, the file |
 * | `GET /` | a page to try a model in the browser |
 * | `GET /healthz`, `/metrics`, `/openapi.json` | for those who run it |
 *
 * `?model=NAME` chooses a model where there are several.
 *
 * @module
 */

import { classify } from "./classify.ts";
import { BodyReader, DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { Metrics } from "./metrics.ts";
import { describe, Models, type ServedModel } from "./models.ts";
import { renderPage } from "./on_demand.ts";
import { Problem } from "./problem.ts";
import { checkTop } from "./request_samples.ts";

/** What a handler is made of. */
export interface HandlerOptions {
  /** Bytes of `.pnet` files by name; the first is meant where a request names none. */
  models: Record<string, Uint8Array>;
  /** Limits that differ from the usual ones. */
  limits?: Partial<Limits>;
  /** Origins whose pages may call the service, such as `https://example.org`, or `*` for any; none when left out. */
  cors?: readonly string[];
  /** Called with errors that are a fault of the service and not of a request; they are answered with 500. */
  onError?(error: unknown): void;
}

/** A service that is ready to answer. */
export interface Handler {
  /**
   * Answers a request. It can be taken from the object and passed on.
   *
   * @param request any request
   * @returns the response; it never rejects
   */
  fetch(request: Request): Promise<Response>;
  /**
   * Loads a model, or replaces the one of the same name between two requests.
   *
   * @param name letters, digits, points, hyphens and underscores
   * @param bytes a `.pnet` file
   * @throws {PnetFormatError} when the bytes are no model; the one that was there goes on
   */
  load(name: string, bytes: Uint8Array): void;
}

/** A response that does not change until the model does. */
interface Resource {
  type: string;
  body: string | Uint8Array<ArrayBuffer>;
}

/** What is answered at one address. */
interface Route {
  path: string;
  methods: readonly string[];
  answer(request: Request, parameters: URLSearchParams | undefined): Response | Promise<Response>;
}

const JSON_TYPE = "application/json";
const CLASSIFY = "/v1/classify";
const READING = ["GET", "HEAD"];

/**
 * Makes a service of models.
 *
 * @example
 * ```ts ignore
 * import { createHandler } from "@neuralbits/projectionnet/serve";
 *
 * export default createHandler({ models: { digits: await Deno.readFile("digits.pnet") } });
 * ```
 *
 * @param options models and limits
 * @returns the service, which can be a module's default export as it is
 * @throws {PnetFormatError} when a model is none
 * @throws {RangeError} when there is no model, or a limit is no positive number
 */
export function createHandler(options: HandlerOptions): Handler {
  const { cors = [], onError } = options;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0)) throw new RangeError(`service: the limit ${name} is ${value}, wanted a positive number`);
  }
  const models = new Models();
  for (const [name, bytes] of Object.entries(options.models)) models.load(name, bytes);
  if (models.all().length === 0) throw new RangeError("service: no models, wanted at least one");
  const metrics = new Metrics();
  const context = { limits, metrics, bodies: new BodyReader(limits) };
  const pages = new WeakMap<ServedModel, Promise<string>>();

  const modelOf = (parameters?: URLSearchParams): ServedModel => models.get(parameters?.get("model") ?? undefined);

  const routes = new Map<string, Route>();
  const add = (path: string, methods: readonly string[], answer: Route["answer"]): void => {
    routes.set(path, { path, methods, answer });
  };
  const addResource = (path: string, get: (model: ServedModel) => Resource | Promise<Resource>): void =>
    add(path, READING, async (request, parameters) => await conditional(request, await get(modelOf(parameters))));
  add(CLASSIFY, ["POST"], async (request, parameters) => {
    const model = modelOf(parameters);
    const started = performance.now();
    const top = parameters?.get("top") ?? undefined;
    const response = await classify(
      model,
      request,
      context,
      top === undefined ? undefined : checkTop(Number(top || NaN), limits),
    );
    metrics.seconds((performance.now() - started) / 1000);
    return response;
  });
  addResource("/", async (model) => {
    let page = pages.get(model);
    if (page === undefined) {
      page = renderPage(model.bytes, { title: model.name });
      pages.set(model, page);
    }
    return { type: "text/html; charset=utf-8", body: await page };
  });
  addResource("/v1/model", (model) => ({ type: JSON_TYPE, body: JSON.stringify(describe(model)) }));
  addResource("/v1/models", () => ({ type: JSON_TYPE, body: JSON.stringify({ models: models.all().map(describe) }) }));
  addResource("/v1/model.pnet", (model) => ({ type: "application/octet-stream", body: model.bytes.slice() }));
  addResource("/openapi.json", async () => {
    const { openApi } = await import("./openapi.ts");
    return { type: JSON_TYPE, body: JSON.stringify(openApi(models.all(), limits)) };
  });
  add("/healthz", READING, () => plain("ok\n"));
  add("/metrics", READING, () => {
    const sizes = models.all().map(({ name, bytes }): [string, number] => [name, bytes.length]);
    return plain(metrics.text(sizes), "text/plain; version=0.0.4; charset=utf-8");
  });

  /** Sees to it that the route exists and has the method. */
  const checkRoute = (route: Route | undefined, path: string, method: string): Route => {
    if (route === undefined) {
      const others = [...routes.keys()].filter((known) => known !== CLASSIFY).join(", ");
      throw new Problem(404, `there is no ${path.slice(0, 100)}, but POST ${CLASSIFY} and GET ${others}`);
    }
    const { methods } = route;
    if (!methods.includes(method)) {
      const headers = { allow: methods.join(", ") };
      throw new Problem(405, `the method is ${method}, wanted ${methods.join(" or ")}`, { headers });
    }
    return route;
  };

  const fetch = async (request: Request): Promise<Response> => {
    const [path, query] = target(request.url);
    const { method } = request;
    const route = routes.get(path);
    const origin = cors.length > 0 ? request.headers.get("origin") : null;
    const isAllowed = origin !== null && (cors.includes("*") || cors.includes(origin));
    metrics.inFlight++;
    let response: Response;
    try {
      response = isAllowed && method === "OPTIONS"
        ? preflight()
        : await checkRoute(route, path, method).answer(request, query === "" ? undefined : new URLSearchParams(query));
    } catch (error) {
      if (!(error instanceof Problem)) onError?.(error);
      const problem = error instanceof Problem ? error : new Problem(500, "the service failed");
      response = problem.response();
    }
    metrics.inFlight--;
    if (cors.length > 0) {
      response.headers.append("vary", "origin");
      if (isAllowed) response.headers.set("access-control-allow-origin", cors.includes("*") ? "*" : origin);
    }
    metrics.request(route?.path ?? "other", response.status);
    return method === "HEAD" ? await withoutBody(response) : response;
  };

  return {
    fetch,
    load(name, bytes) {
      try {
        models.load(name, bytes);
      } catch (error) {
        metrics.reload(name, false);
        throw error;
      }
      metrics.reload(name, true);
    },
  };
}

/** Path and query of an address, without taking it apart further. */
function target(url: string): [path: string, query: string] {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return ["/", ""];
  const hash = url.indexOf("#", start);
  const rest = url.slice(start, hash < 0 ? undefined : hash);
  const mark = rest.indexOf("?");
  return mark < 0 ? [rest, ""] : [rest.slice(0, mark), rest.slice(mark + 1)];
}

function plain(body: string, type = "text/plain; charset=utf-8"): Response {
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}

/** The answer to HEAD: the same headers, and the length of the body that is left out, for which a server would write 0. */
async function withoutBody(response: Response): Promise<Response> {
  const { status, headers } = response;
  headers.set("content-length", `${(await response.arrayBuffer()).byteLength}`);
  return new Response(null, { status, headers });
}

function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, HEAD, POST",
      "access-control-allow-headers": "content-type",
      "access-control-max-age": "86400",
    },
  });
}

/** The resource, or 304 for those who have it already. */
async function conditional(request: Request, { type, body }: Resource): Promise<Response> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, 12);
  const etag = `"${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
  const headers = { etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" };
  const known = request.headers.get("if-none-match")?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known?.some((tag) => tag === etag || tag === "*")) return new Response(null, { status: 304, headers });
  return new Response(bytes, { headers: { ...headers, "content-type": type } });
}
