import { assertEquals, assertMatch } from "@std/assert";
import { findKnownDataset, KNOWN_DATASETS, knownFiles } from "../../lib/data/registry.ts";

Deno.test("known data sets have complete and distinct fingerprints", () => {
  const sums = new Set<string>();
  for (const known of KNOWN_DATASETS) {
    assertEquals(findKnownDataset(known.name), known);
    assertEquals(known.classNames.length, 10);
    for (const file of knownFiles(known)) {
      for (const { sha256 } of [file, file.gzip]) {
        assertMatch(sha256, /^[0-9a-f]{64}$/);
        sums.add(sha256);
      }
    }
  }
  assertEquals(sums.size, KNOWN_DATASETS.length * 8);
});

Deno.test("known sizes follow from the number of images", () => {
  for (const { train, test } of KNOWN_DATASETS) {
    assertEquals([train.images.bytes, train.labels.bytes], [16 + 60000 * 784, 8 + 60000]);
    assertEquals([test.images.bytes, test.labels.bytes], [16 + 10000 * 784, 8 + 10000]);
  }
});

Deno.test("an unknown name is not found", () => {
  for (const name of ["", "MNIST", "toString", "../mnist"]) assertEquals(findKnownDataset(name), undefined);
});
