import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { readTar } from "../../lib/data/tar.ts";
import { tarBytes, tarEntry, type TarFile } from "./cifar_fixtures.ts";
import { concatenated, range, text } from "./fixtures.ts";

/** A stream that gives pieces of the given length. */
function inPieces(bytes: Uint8Array, length: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(
    range(Math.ceil(bytes.length / length)).map((i) => bytes.slice(i * length, (i + 1) * length)),
  );
}

async function readAll(bytes: Uint8Array, length = 700): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, content } of readTar(inPieces(bytes, length), { file: "a.tar" })) {
    found[path] = "";
    for await (const piece of content()) found[path] += new TextDecoder().decode(piece);
  }
  return found;
}

async function refusal(bytes: Uint8Array): Promise<DataFormatError> {
  const error = await assertRejects(() => readAll(bytes), DataFormatError);
  assertEquals(error.file, "a.tar");
  return error;
}

const long = "x".repeat(1500);
const FILES: TarFile[] = [
  { path: "d/", type: "5" },
  { path: "d/one.txt", bytes: text("first") },
  { path: "d/empty" },
  { path: "PaxHeader/one", type: "x", bytes: text("30 mtime=1350244992.023960108\n") },
  { path: "d/long", bytes: text(long) },
  { path: "d/link", type: "2" },
  { path: "d/old", type: "\0", bytes: text("last") },
];

Deno.test("readTar gives the regular files in order, whatever the pieces of the stream", async () => {
  for (const length of [1, 511, 512, 513, 100_000]) {
    const found = await readAll(tarBytes(FILES), length);
    assertEquals(found, { "d/one.txt": "first", "d/empty": "", "d/long": long, "d/old": "last" });
    assertEquals(Object.keys(found), ["d/one.txt", "d/empty", "d/long", "d/old"]);
  }
});

Deno.test("readTar reads archives of other tools", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/one.txt`, "first");
    await Deno.writeTextFile(`${folder}/long`, long);
    for (const format of ["ustar", "gnu", "pax", "v7"]) {
      const { success } = await new Deno.Command("tar", {
        args: [`--format=${format}`, "-cf", `${folder}/a.tar`, "-C", folder, "one.txt", "long"],
      }).output();
      assertEquals(success, true);
      assertEquals(await readAll(await Deno.readFile(`${folder}/a.tar`)), { "one.txt": "first", long });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readTar passes over content that is not read, and an archive without its end mark ends", async () => {
  const paths: string[] = [];
  const bytes = concatenated(FILES.map(tarEntry));
  for await (const { path, size, content } of readTar(inPieces(bytes, 300), { file: "a.tar" })) {
    paths.push(`${path} ${size}`);
    if (path === "d/long") { for await (const _ of content()) break; }
  }
  assertEquals(paths, ["d/one.txt 5", "d/empty 0", "d/long 1500", "d/old 4"]);
  assertEquals(await readAll(new Uint8Array(0)), {});
});

Deno.test("readTar joins the two fields of a long path, and reads a binary length", async () => {
  const entry = tarEntry({ path: "name", bytes: text("deep") });
  entry.set(text("far/away"), 345);
  entry.fill(0, 124, 136);
  entry[124] = 0x80;
  entry[135] = 4;
  assertEquals(await readAll(withChecksum(entry)), { "far/away/name": "deep" });
});

function withChecksum(entry: Uint8Array): Uint8Array {
  entry.fill(0x20, 148, 156);
  const sum = entry.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  entry.set(text(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return entry;
}

Deno.test("readTar refuses truncation at every place", async () => {
  const bytes = concatenated([tarEntry({ path: "one", bytes: text(long) }), tarEntry({ path: "two" })]);
  for (const length of [1, 511, 512, 513, 2000, 2047, 2049, 2559]) {
    const error = await refusal(bytes.slice(0, length));
    assertStringIncludes(error.message, "the archive ends, wanted");
    assertEquals(error.byte, length);
  }
});

Deno.test("readTar refuses damaged and hostile headers", async () => {
  const flipped = tarEntry({ path: "one", bytes: text("1") });
  flipped[3] ^= 1;
  assertStringIncludes((await refusal(flipped)).message, "checksum");
  assertStringIncludes((await refusal(text(long))).message, "no tar archive");
  for (const path of ["../one", "a/../../one", "/etc/passwd", "C:\\one", "a\\..\\one", ""]) {
    assertStringIncludes((await refusal(tarBytes([{ path }]))).message, "leads out of the archive");
  }
  for (const size of ["-0000000001 ", "0000000008x ", "\0\0\0\0\0\0\0\0\0\0\0\0"]) {
    const error = await refusal(tarBytes([{ path: "one", size }]));
    assertStringIncludes(error.message, 'the length of "one" is no number');
    assertEquals(error.byte, 124);
  }
  const endless = tarEntry({ path: "one" });
  endless.fill(0xff, 124, 136);
  endless[124] = 0x80;
  assertStringIncludes((await refusal(withChecksum(endless))).message, "no number");
  const promising = tarBytes([{ path: "one", size: "77777777777 " }]);
  assertStringIncludes((await refusal(promising)).message, "wanted 8589933567 more bytes of one");
});

Deno.test("readTar cancels the stream when its reader stops", async () => {
  let cancelled = false;
  const bytes = tarBytes(FILES);
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of readTar(stream, { file: "a.tar" })) break;
  assertEquals(cancelled, true);
});

Deno.test("readTar names the place where a stream fails", async () => {
  const stream = ReadableStream.from((async function* () {
    yield tarEntry({ path: "one" });
    await Promise.resolve();
    throw new TypeError("corrupt deflate stream");
  })());
  const error = await assertRejects(async () => {
    for await (const _ of readTar(stream, { file: "a.tar" }));
  }, DataFormatError);
  assertEquals(error.byte, 512);
  assertStringIncludes(error.message, "damaged or truncated (corrupt deflate stream)");
});
