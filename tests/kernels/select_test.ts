import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  availableVariants,
  kernels,
  KernelsUnavailableError,
  ShapeError,
  shutdownThreads,
  useKernels,
} from "../../lib/kernels/mod.ts";

Deno.test("the fastest variant is in use until another is chosen", () => {
  const variants = availableVariants();
  assertEquals(variants[0], "reference");
  for (const variant of variants) {
    assertEquals(useKernels({ variant, threads: 1 }).name, variant);
    assertEquals(kernels().name, variant);
  }
  assertEquals(useKernels().name, variants[variants.length - 1]);
  shutdownThreads();
});

Deno.test("a variant that the platform lacks is refused, and the one in use stays", () => {
  const validate = WebAssembly.validate, before = useKernels({ variant: "reference" });
  WebAssembly.validate = () => false;
  try {
    assertEquals(availableVariants(), ["reference"]);
    const error = assertThrows(() => useKernels({ variant: "relaxed-simd" }), KernelsUnavailableError);
    assertStringIncludes(error.message, `"relaxed-simd"`);
    assertStringIncludes(error.message, "no WebAssembly SIMD");
    assert(kernels() === before);
    assertEquals(useKernels().name, "reference");
  } finally {
    WebAssembly.validate = validate;
    useKernels();
  }
});

Deno.test("the number of threads must be an integer in 1…64", () => {
  for (const threads of [0, -1, 1.5, NaN, 65, Infinity]) {
    assertStringIncludes(assertThrows(() => useKernels({ threads }), RangeError).message, `${threads}`);
  }
});

Deno.test("arrays that are too short for the shape are refused before anything is written", () => {
  for (const variant of availableVariants().slice(1)) {
    const used = useKernels({ variant });
    const long = new Float32Array(6).fill(1), short = new Float32Array(5).fill(2);
    const shape = { rows: 2, columns: 3 };
    const product = { ...shape, inner: 3 };
    assertThrows(() => used.matmul(long, new Float32Array(9), short, product), ShapeError);
    assertThrows(() => used.addRow(long, new Float32Array(2), long, shape), ShapeError);
    assertThrows(() => used.binary("add", long, short, long, false), ShapeError);
    const rows = Uint32Array.of(0, 2), options = { columns: 3, factor: 1, offset: 0 };
    assertThrows(() => used.gatherBytes(new Uint8Array(6), rows, long, options), ShapeError);
    const gradient = { ...shape, accumulate: false, factor: 1 };
    assertThrows(() => used.crossEntropyGradient(long, new Int32Array(1), long, gradient), ShapeError);
    assertThrows(() => used.softmaxGradient(long, short, long, gradient), ShapeError);
    assertThrows(() => used.packBits(short, long, new Uint8Array(2), { rows: 2, bits: 3 }), ShapeError);
    const heads = { rows: 2, functions: 3, bits: 1, outputs: 3 };
    assertThrows(() => used.lookupSums(new Int32Array(6), short, long, heads), ShapeError);
    assertEquals([...long, ...short], [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    // Nothing of the refused calls is left over for the next one.
    used.scale(short, 2, short, false);
    assertEquals([...long, ...short], [1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4]);
  }
  useKernels();
});

Deno.test("the library compiles nothing when it is imported", async () => {
  const url = new URL("../../lib/kernels/mod.ts", import.meta.url).href;
  const code = `
    let count = 0;
    for (const name of ["Module", "Memory", "Instance"]) {
      WebAssembly[name] = new Proxy(WebAssembly[name], { construct(...args) { count++; return Reflect.construct(...args); } });
    }
    const { kernels } = await import(${JSON.stringify(url)});
    const before = count;
    kernels();
    console.log(before, count > 0);`;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), "0 true");
});
