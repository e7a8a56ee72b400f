import { assert, assertEquals } from "@std/assert";
import { availableMemory, unitMemory } from "../../lib/study/memory.ts";
import { blobs } from "../joint/fixtures.ts";

Deno.test("unitMemory: grows with rows, bits, hidden layers and the trainer", () => {
  const data = blobs(100), networks = [{ functions: 80, bitsPerFunction: 10 }];
  const least = unitMemory({ data, networks });
  const wider = { ...data, count: 10_000 };
  assertEquals(Math.round(unitMemory({ data: wider, networks }) - least), 9900 * 100);
  assertEquals(
    Math.round(unitMemory({ data, networks: [{ ...networks[0], hidden: 50 }] }) - least),
    20 * (800 * 46 + 50 * 4),
  );
  const trained = unitMemory({ data, networks, training: { trainer: { hidden: [1000] } } });
  assertEquals(Math.round(trained - least), 20 * (64 * 1000 + 1000 * 4 - 64 * 256 - 256 * 256 - 256 * 4));
  const counts = [{ functions: 10, family: "conv" as const, reads: "counts" as const }];
  const bits = [{ functions: 10, family: "conv" as const }];
  assertEquals(Math.round(unitMemory({ data, networks: counts }) - unitMemory({ data, networks: bits })), 100 * 140);
});

Deno.test("unitMemory: texts count by their length", () => {
  const texts = {
    name: "t",
    input: { kind: "text" as const },
    count: 1,
    labels: new Uint16Array(1),
    labelNames: ["a", "b"],
  };
  const [short, long] = [1, 1001].map((length) =>
    unitMemory({ data: { ...texts, texts: ["x".repeat(length)] }, networks: [{ functions: 64 }] })
  );
  assert(long - short >= 16_000, `${long - short}`);
});

Deno.test("availableMemory: room for at least one small training here", () => {
  assert(availableMemory() > 100e6, `${availableMemory()}`);
});
