import { assertEquals, assertInstanceOf } from "@std/assert";
import { DataFormatError, DatasetFetchError, DatasetNotFoundError } from "../../lib/data/errors.ts";

Deno.test("DataFormatError names file and place", () => {
  const cause = new Error("deeper");
  const error = new DataFormatError("is bad", { file: "f.csv", row: 7, cause });
  assertInstanceOf(error, Error);
  assertEquals([error.name, error.message, error.file, error.row, error.byte], [
    "DataFormatError",
    "f.csv, row 7: is bad",
    "f.csv",
    7,
    undefined,
  ]);
  assertEquals(error.cause, cause);
  assertEquals(new DataFormatError("is bad", { file: "f", byte: 0 }).message, "f, byte 0: is bad");
  assertEquals(new DataFormatError("is bad", { file: "f" }).message, "f: is bad");
});

Deno.test("DatasetNotFoundError quotes what was asked for", () => {
  const error = new DatasetNotFoundError("x", "is nothing");
  assertEquals([error.name, error.message, error.source], ["DatasetNotFoundError", '"x" is nothing', "x"]);
});

Deno.test("DatasetFetchError lists every origin with its reason", () => {
  const failures = [{ origin: "npm:p", reason: "no network" }, { origin: "http://h/", reason: "HTTP status 404" }];
  const { name, message } = new DatasetFetchError("d/f", failures);
  assertEquals(name, "DatasetFetchError");
  assertEquals(message.split("\n").slice(1), ["  npm:p: no network", "  http://h/: HTTP status 404"]);
});
