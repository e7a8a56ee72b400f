import { assertEquals, assertRejects } from "@std/assert";
import { describeOrigin, readFromOrigin } from "../../lib/data/origins.ts";
import { tinySet, withFolder, withServer } from "./fixtures.ts";

Deno.test("a folder gives the file, plain or compressed", async () => {
  await withFolder(async (path) => {
    const { known: { train: { images } }, compressed } = await tinySet();
    const origin = { kind: "folder", path } as const;
    await assertRejects(() => readFromOrigin(origin, images), Error, `no ${images.name} there`);
    await Deno.writeFile(`${path}/${images.name}.gz`, compressed.get(images.name)!);
    const seen: unknown[] = [];
    const bytes = await readFromOrigin(origin, images, { onBytes: (...progress) => seen.push(progress) });
    assertEquals(bytes, compressed.get(images.name));
    assertEquals(seen, [[bytes.length, bytes.length]]);
  });
});

Deno.test("a server gives the compressed file, and progress", async () => {
  const { known: { train: { images } }, compressed } = await tinySet();
  const content = compressed.get(images.name)!;
  const asked: string[] = [];
  const answer = (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return new Response(content);
  };
  await withServer(answer, async (base) => {
    const seen: unknown[] = [];
    const onBytes = (...progress: unknown[]) => seen.push(progress);
    assertEquals(await readFromOrigin({ kind: "url", base }, images, { onBytes }), content);
    assertEquals(asked, [`/${images.name}.gz`]);
    assertEquals(seen.at(-1), [content.length, content.length]);
  });
});

Deno.test("a server that refuses, sends too much or breaks off is an error", async () => {
  const { known: { train: { images } } } = await tinySet();
  const longest = Math.max(images.bytes, images.gzip.bytes);
  const broken = () =>
    new ReadableStream({
      start(controller): void {
        controller.enqueue(Uint8Array.of(1));
        controller.error(new Error("broken"));
      },
    });
  const answers: [() => Response, string][] = [
    [() => new Response("gone", { status: 404 }), "HTTP status 404"],
    [() => new Response(new Uint8Array(longest + 1)), `more than ${longest} bytes`],
    [() => new Response(broken()), ""],
  ];
  for (const [answer, reason] of answers) {
    await withServer(answer, async (base) => {
      await assertRejects(() => readFromOrigin({ kind: "url", base }, images), Error, reason);
    });
  }
});

Deno.test("a signal stops a download that hangs", async () => {
  const { known: { train: { images } } } = await tinySet();
  const stop = new AbortController();
  await withServer(() => {
    setTimeout(() => stop.abort(new Error("enough")), 10);
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(Uint8Array.of(1)) }));
  }, async (base) => {
    await assertRejects(() => readFromOrigin({ kind: "url", base }, images, { signal: stop.signal }), Error, "enough");
  });
});

Deno.test("describeOrigin names each kind", () => {
  assertEquals(describeOrigin({ kind: "npm", package: "p@1", folder: "d" }), "npm:p@1");
  assertEquals(describeOrigin({ kind: "folder", path: "/d" }), "/d");
  assertEquals(describeOrigin({ kind: "url", base: "http://h/" }), "http://h/");
});
