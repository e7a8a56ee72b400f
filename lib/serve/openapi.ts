/**
 * The service's own description, as OpenAPI 3.1.
 *
 * @module
 */

import type { Limits } from "./limits.ts";
import { type ServedModel, takesBytes } from "./models.ts";

type Json = Record<string, unknown>;

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const content = (type: string, schema: Json): Json => ({ [type]: { schema } });
const string: Json = { type: "string" };
const LINES = "application/jsonl", BYTES = "application/octet-stream";

/**
 * Describes the service.
 *
 * @param models what it serves
 * @param limits what a request may ask for
 * @returns the document
 */
export function openApi(models: readonly ServedModel[], limits: Limits): Json {
  const inputs = models.map(({ classifier: { input } }) => input);
  const anyText = inputs.some(({ kind }) => kind === "text"), anyNumbers = inputs.some(({ kind }) => kind !== "text");
  const answer = (description: string, type: string, schema: Json): Json => ({
    200: { description, content: content(type, schema) },
    304: { description: "not changed since the ETag that the request names" },
  });
  const problem: Json = {
    description: "what is wrong with the request",
    content: content("application/problem+json", reference("Problem")),
  };
  const get = (summary: string, type: string, schema: Json): Json => ({
    get: { summary, parameters: [parameter("model")], responses: { ...answer(summary, type, schema), "4XX": problem } },
  });
  const plain = (summary: string): Json => ({
    get: { summary, responses: { 200: { description: summary, content: content("text/plain", string) } } },
  });
  return {
    openapi: "3.1.0",
    info: { title: "ProjectionNet", version: "1", description: "Classifies samples with packed projection networks." },
    paths: {
      "/v1/classify": {
        post: {
          summary: "classifies one sample or many",
          parameters: [parameter("model"), parameter("top")],
          requestBody: {
            required: true,
            content: {
              ...content("application/json", {
                oneOf: [reference("Sample"), { type: "array", items: reference("Sample") }, reference("Request")],
              }),
              ...content(LINES, string),
              ...(anyNumbers && content(BYTES, { type: "string", format: "binary" })),
              ...(anyText && content("text/plain", string)),
            },
          },
          responses: {
            200: {
              description: "an answer, or for many samples a list of them in order",
              content: {
                ...content("application/json", { oneOf: [reference("Answer"), reference("Answers")] }),
                ...content(LINES, string),
              },
            },
            "4XX": problem,
          },
        },
      },
      "/v1/model": get("what a model takes and gives", "application/json", reference("Model")),
      "/v1/models": get("all models", "application/json", {
        type: "object",
        properties: { models: { type: "array", items: reference("Model") } },
      }),
      "/v1/model.pnet": get("the model file", BYTES, { type: "string", format: "binary" }),
      "/": get("a page to try the model", "text/html", string),
      "/healthz": plain("says that the service answers"),
      "/metrics": plain("counters in Prometheus' format"),
      "/openapi.json": get("this description", "application/json", { type: "object" }),
    },
    components: {
      parameters: {
        model: { name: "model", in: "query", schema: { enum: models.map(({ name }) => name) } },
        top: { name: "top", in: "query", schema: topOf(limits) },
      },
      schemas: {
        Sample: {
          description: models.map(({ name, classifier: { input }, features }) =>
            input.kind === "text"
              ? `${name}: a text of at most ${limits.textLength} UTF-16 code units`
              : `${name}: ${features} ${takesBytes(input) ? "integers 0...255" : "finite numbers"}`
          ).join("; "),
          oneOf: [
            ...(anyNumbers ? [{ type: "array", items: { type: "number" } }] : []),
            ...(anyText ? [{ type: "string", maxLength: limits.textLength }] : []),
          ],
        },
        Request: {
          type: "object",
          properties: {
            id: { description: "is given back" },
            input: reference("Sample"),
            inputs: { type: "array", items: reference("Sample"), maxItems: limits.batch },
            top: topOf(limits),
          },
          oneOf: [{ required: ["input"] }, { required: ["inputs"] }],
        },
        Answer: {
          type: "object",
          required: ["label", "probability"],
          properties: {
            id: {},
            ...label(),
            rejected: { type: "boolean", description: "perhaps no label fits" },
            top: { type: "array", items: { type: "object", properties: label() } },
          },
        },
        Answers: {
          type: "object",
          required: ["model", "results"],
          properties: { model: string, results: { type: "array", items: reference("Answer") } },
        },
        Model: {
          type: "object",
          properties: {
            name: string,
            input: { type: "object", properties: { kind: { enum: ["image", "table", "text"] } } },
            labels: { type: "array", items: string },
            bits: { type: "integer" },
            modelBytes: { type: "integer" },
            runtime: { enum: ["plain", "wasm"] },
            version: string,
          },
        },
        Problem: {
          description: "RFC 9457",
          type: "object",
          required: ["title", "status", "detail"],
          properties: {
            title: string,
            status: { type: "integer" },
            detail: string,
            pointer: { type: "string", description: "JSON pointer into the body" },
          },
        },
      },
    },
  };
}

function parameter(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

function topOf({ top }: Limits): Json {
  return { type: "integer", minimum: 1, maximum: top, description: "how many labels an answer lists" };
}

function label(): Json {
  return { label: string, probability: { type: "number", minimum: 0, maximum: 1 } };
}
