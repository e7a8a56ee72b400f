import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { F32, f32, I32, i32, ModuleBuilder } from "../../../../lib/kernels/wasm/assembler/mod.ts";

type Functions = Record<string, (...values: number[]) => void>;

/** Compiles a module and runs it on a memory of its own. */
function instantiate(module: ModuleBuilder, globals: Record<string, number> = {}) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), {
    env: { memory, ...globals },
  });
  return {
    functions: exports as Functions,
    integers: new Int32Array(memory.buffer),
    floats: new Float32Array(memory.buffer),
  };
}

const builder = (...globals: string[]): ModuleBuilder => new ModuleBuilder({ sharedMemory: false, globals });

Deno.test("a module has exactly the bytes that the specification gives it", () => {
  const module = builder();
  module.function({ to: I32 }, (code, { to }) => code.store(to, f32(1).splat(), 16), "go");
  // deno-fmt-ignore
  assertEquals([...module.encode()], [
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,                         // magic, version 1
    0x01, 0x05, 0x01, 0x60, 0x01, 0x7f, 0x00,                               // types: (i32) -> ()
    0x02, 0x12, 0x01, 0x03, 0x65, 0x6e, 0x76, 0x06, 0x6d, 0x65, 0x6d, 0x6f, // imports: env.memory,
    0x72, 0x79, 0x02, 0x01, 0x01, 0x80, 0x80, 0x04,                         //   1 to 65536 pages
    0x03, 0x02, 0x01, 0x00,                                                 // functions: one, of type 0
    0x07, 0x06, 0x01, 0x02, 0x67, 0x6f, 0x00, 0x00,                         // exports: "go", function 0
    0x0a, 0x11, 0x01, 0x0f, 0x00,                                           // code: one body, 15 bytes, no locals
    0x20, 0x00, 0x43, 0x00, 0x00, 0x80, 0x3f, 0xfd, 0x13,                   //   local.get 0, f32.const 1, f32x4.splat
    0xfd, 0x0b, 0x02, 0x10, 0x0b,                                           //   v128.store align=4 offset=16, end
  ]);
});

Deno.test("integer arithmetic and comparisons are those of unsigned 32-bit integers", () => {
  const module = builder();
  module.function({ a: I32, b: I32 }, (code, { a, b }) => {
    const results = [
      ...[a.add(b), a.subtract(b), a.multiply(b), a.divide(b), a.remainder(b), a.and(b)],
      ...[a.shiftLeft(3), a.shiftRight(3), a.equals(b), a.differs(b), a.below(b), a.above(b)],
      ...[a.minimum(b), a.maximum(b), a.when(b.equals(7), 1)],
    ];
    results.forEach((result, index) => code.storeLane(i32(4 * index), result.splat().asFloats()));
  }, "compute");
  const { functions, integers } = instantiate(module);
  for (const [a, b] of [[100, 7], [7, 100], [0xfffffff0, 7], [5, 5], [12, 0x80000000]]) {
    functions.compute(a, b);
    const expected = [
      ...[a + b, a - b, Math.imul(a, b), Math.floor(a / b), a % b, a & b, a << 3, a >>> 3],
      ...[a === b, a !== b, a < b, a > b].map(Number),
      ...[Math.min(a, b), Math.max(a, b), b === 7 ? a : 1],
    ];
    assertEquals([...integers.subarray(0, expected.length)], expected.map((value) => value | 0), `${a}, ${b}`);
  }
});

Deno.test("variables, loops, conditions and calls", () => {
  const module = builder("scratch");
  const addTo = module.function(
    { at: I32, amount: F32 },
    (code, { at, amount }) => code.storeLane(at, at.loadF32Lane().add(amount.splat())),
  );
  module.function({ count: I32 }, (code, { count }) => {
    const odd = code.let(i32(0));
    code.for(0, count, 1, (index) => {
      code.if(index.and(1), () => code.increase(odd, 1), () => code.call(addTo, i32(16), f32(2.5)));
    });
    code.while(odd.above(0), () => {
      code.set(odd, odd.subtract(1));
      code.call(addTo, i32(20), f32(1));
    });
    code.storeLane(i32(24), module.global("scratch").splat().asFloats());
  }, "run");
  const { functions, floats, integers } = instantiate(module, { scratch: 4242 });
  functions.run(7);
  assertEquals([floats[4], floats[5], integers[6]], [10, 3, 4242]);
  functions.run(0);
  assertEquals([floats[4], floats[5]], [10, 3]);
});

Deno.test("calls through the table reach the function of that number", () => {
  const module = builder();
  const writers = [10, 20, 30].map((value) =>
    module.function({ at: I32 }, (code, { at }) => code.storeLane(at, i32(value).splat().asFloats()))
  );
  const first = module.table(writers);
  module.function(
    { number: I32 },
    (code, { number }) => code.callIndirect(writers[0], number.add(first), i32(8)),
    "call",
  );
  const { functions, integers } = instantiate(module);
  for (const number of [2, 0, 1]) {
    functions.call(number);
    assertEquals(integers[2], 10 * (number + 1));
  }
  assertThrows(() => functions.call(3), WebAssembly.RuntimeError);
});

Deno.test("mistakes are found when the module is built", () => {
  const module = builder("scratch");
  assertStringIncludes(assertThrows(() => module.global("other"), RangeError).message, `"other"`);
  module.function({ a: I32 }, (code, { a }) => {
    assertThrows(() => code.set(a.add(1), i32(0)), TypeError);
  });
});
