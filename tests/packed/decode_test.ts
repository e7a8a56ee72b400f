import { assertEquals, assertInstanceOf, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { decodePnet, encodePnet, loadPnet, PnetFormatError } from "../../lib/packed/mod.ts";
import { testNumbers } from "../projection/reference.ts";
import { EXAMPLE, fileOf, seal, section, varint } from "./file_builder.ts";
import { makeTextModel } from "./text_models.ts";
import { FAMILIES, INPUTS, type LayerKind, makeModel, makeWeights, suits } from "./models.ts";

function assertRefused(bytes: Uint8Array, message = ""): void {
  const error = assertThrows(() => decodePnet(bytes), PnetFormatError);
  assertStringIncludes(error.message, message);
  assertInstanceOf(error, Error);
  assertEquals(error.name, "PnetFormatError");
  assertEquals(typeof error.byte, "number");
}

const small = encodePnet(makeModel({ width: 5, shift: 2, labels: ["a", "b", "c"] }));
const heads: LayerKind[][] = [["float"], ["int8", "int4"], ["ternary tables"], ["binary", "ternary"], ["int4 tables"]];
const files: Uint8Array[] = FAMILIES.flatMap((projection) =>
  INPUTS.map((input, i) => {
    const head = suits(projection, heads[i]) ? heads[i] : ["int4" as const];
    return encodePnet(makeModel({ projection, input, head, width: i }));
  })
);
files.push(withOutput().file);
for (const entries of ["presence", "sign", "ternary"] as const) {
  files.push(encodePnet(makeTextModel({ entries, head: ["int4", "ternary"], rejection: 9 })));
  if (entries !== "presence") files.push(encodePnet(makeTextModel({ entries, selected: true })));
}

Deno.test("decodePnet: every byte changed to every other value is refused", () => {
  for (let at = 0; at < small.length; at++) {
    for (let change = 1; change < 256; change++) {
      const broken = small.slice();
      broken[at] ^= change;
      assertRefused(broken);
    }
  }
});

Deno.test("decodePnet: every byte of every kind of file changed in some ways is refused", () => {
  for (const file of files) {
    for (let at = 0; at < file.length; at++) {
      for (const change of [1, 2, 0x80, 0xff, 1 + at * 37 % 255]) {
        const broken = file.slice();
        broken[at] ^= change;
        assertRefused(broken);
      }
    }
  }
});

Deno.test("decodePnet: every truncation and every appended byte is refused", () => {
  for (const file of [small, ...files]) {
    for (let length = 0; length < file.length; length++) assertRefused(file.slice(0, length));
    for (const extra of [[0], [255], [1, 2, 3], [...file]]) assertRefused(Uint8Array.of(...file, ...extra), "found");
  }
});

Deno.test("decodePnet: changed bytes under a right checksum are refused, or are another canonical file", () => {
  let accepted = 0;
  for (const file of [small, ...files]) {
    const body = [...file.slice(0, -4)];
    // Of the long file with coded weights not every byte: each costs some thousand decisions.
    for (let at = 0; at < body.length; at += body.length > 400 && at > 30 ? 13 : 1) {
      for (const value of [0, 1, 2, 3, 0x7f, 0x80, 0xff, body[at] + 1 & 255, body[at] - 1 & 255]) {
        const changed = seal(body.with(at, value));
        try {
          assertEquals(encodePnet(decodePnet(changed)), changed);
          accepted++;
        } catch (error) {
          assertInstanceOf(error, PnetFormatError);
        }
      }
    }
  }
  assertLess(100, accepted);
});

Deno.test("decodePnet: reads from a view into a larger buffer", () => {
  const room = new Uint8Array(small.length + 20).fill(7);
  room.set(small, 11);
  assertEquals(decodePnet(room.subarray(11, 11 + small.length)), decodePnet(small));
});

const { input, projection, labels, thresholds, output } = EXAMPLE;
const F32 = { one: [0, 0, 0x80, 0x3f], nan: [0, 0, 0xc0, 0x7f], infinity: [0, 0, 0x80, 0x7f] };
const shared = (offset: number[], scale: number[]): number[] => section(1, [2, 3, ...offset, ...scale]);
const HUGE = varint(0xffffffff);
const image = section(1, [0, 5, 4, 1]);
const textInput = section(1, [4, 3]), presence = section(2, [6, 7, 1, 3, 1, 1, 0, 1, 1, 1]);
/** A layer of the 12 bits of three filters in 2x2 cells. */
const imageOutput = section(6, [0x43, 0, 0x3f, 0, 0, 0x80, 0x3f, 0xa7, 0x2b, 0x91, 0x4c, 0x50]);
const selected = (pool: number, ...rest: number[]): number[] => section(2, [18, 7, 1, 3, 2, ...varint(pool), ...rest]);

/** Files with a right length and checksum, and what is wrong with them. */
const HOSTILE: Record<string, [string, Uint8Array][]> = {
  header: [
    ["magic needs 4 bytes", new Uint8Array(0)],
    ["PNET", seal([0x51, 0x4e, 0x45, 0x54, 1, 10])],
    ["version is 2", seal([0x50, 0x4e, 0x45, 0x54, 2, 10])],
    ["length is 11", seal([0x50, 0x4e, 0x45, 0x54, 1, 11])],
    ["shortest varint", seal([0x50, 0x4e, 0x45, 0x54, 1, 0x8b, 0])],
    ["no section with tag 1", fileOf()],
  ],
  sections: [
    ["no section with tag 1", fileOf(projection, labels, thresholds, output)],
    ["no section with tag 2", fileOf(input, labels, thresholds, output)],
    ["no section with tag 2", fileOf(input, input, projection, labels, thresholds, output)],
    ["no section with tag 3", fileOf(input, projection, projection, labels, thresholds, output)],
    ["no section with tag 3", fileOf(input, projection, thresholds, labels, output)],
    ["no section with tag 6", fileOf(input, projection, labels, labels, thresholds, output)],
    ["no section with tag 6", fileOf(input, projection, labels, thresholds, thresholds, output)],
    ["no section with tag 6", fileOf(input, projection, labels, thresholds)],
    ["after the last section", fileOf(input, projection, labels, thresholds, output, output)],
    ["after the last section", fileOf(input, projection, labels, output, thresholds)],
    ["after the last section", fileOf(input, projection, labels, thresholds, output, [0])],
    ["no section with tag 6", fileOf(input, projection, labels, thresholds, section(7, []), output)],
    ["no section with tag 1", fileOf(section(0, []), input, projection, labels, thresholds, output)],
    ["section needs 4294967295", fileOf([1, ...HUGE, 1, 3])],
    ["shortest varint", fileOf([1, 0x82, 0, 1, 3], projection, labels, thresholds, output)],
    ["shortest varint", fileOf([1, 0x80, 0x80, 0x80, 0x80, 0x80, 1])],
    ["shortest varint", fileOf([1, ...new Array(400).fill(0x80), 1])],
    ["shortest varint", fileOf([1, 0xff, 0xff, 0xff, 0xff, 0x1f])],
    ["1 bytes left over", fileOf(section(1, [1, 3, 0]), projection, labels, thresholds, output)],
    ["kind needs 1 bytes", fileOf(section(1, []), projection, labels, thresholds, output)],
  ],
  input: [
    ["kind is 5", fileOf(section(1, [5, 3]))],
    ["folding is 16", fileOf(section(1, [4, 16]))],
    ["folding needs 1 bytes", fileOf(section(1, [4]))],
    ["left over", fileOf(section(1, [4, 3, 0]))],
    ["features is 0", fileOf(section(1, [1, 0]))],
    ["width is 0", fileOf(section(1, [0, 0, 1, 1]))],
    ["height needs 1 bytes", fileOf(section(1, [0, 3]))],
    ["features is 4294967295", fileOf(section(1, [1, ...HUGE]), projection, labels, thresholds, output)],
    ["features is 4194305", fileOf(section(1, [1, ...varint(4194305)]), projection, labels, thresholds, output)],
    ["width is 16777216", fileOf(section(1, [0, ...varint(2 ** 24), ...varint(2 ** 24), 1]), projection)],
    ["features is 17592186044416", fileOf(section(1, [0, ...varint(2 ** 22), ...varint(2 ** 22), 1]), projection)],
    ["features is 16777216", fileOf(section(1, [3, ...varint(2 ** 24), 0, 0, 0, 0, 0]), projection)],
    ["offset 0 is NaN", fileOf(shared(F32.nan, F32.one))],
    ["scale 0 is Infinity", fileOf(shared(F32.one, F32.infinity))],
    ["offset needs 16777216 bytes, found 2", fileOf(section(1, [3, ...varint(2 ** 22), 15, 0, 0]))],
    ["scale 0 is NaN", fileOf(section(1, [3, 2, 0, 0, 0, 0xc0, 0x7f]))],
    [
      "input, byte 7: not in the smallest form",
      fileOf(section(1, [3, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0]), projection, labels, thresholds, output),
    ],
    ["forms is 16", fileOf(section(1, [3, 2, 16, 0, 0, 0, 0]))],
  ],
  projection: [
    ["family is 6", fileOf(input, section(2, [6, 7, 1, 3]), labels, thresholds, output)],
    ["family is 64", fileOf(input, section(2, [64, 7, 1, 3]), labels, thresholds, output)],
    ["counts of the family taps", fileOf(input, section(2, [34, 7, 1, 3, 2]), labels, thresholds, output)],
    ["wanted an image", fileOf(input, section(2, [4, 7, 1, 3, 1, 1]), labels, thresholds, output)],
    ["wanted an image", fileOf(input, section(2, [5, 7, 3, 1, 1, 1, 1, 0]), labels, thresholds, output)],
    ["left over", fileOf(input, section(2, [3, 7, 1, 3, 2]), labels, thresholds, output)],
    ["functions is 0", fileOf(input, section(2, [2, 7, 0, 3, 2]), labels, thresholds, output)],
    ["bitsPerFunction is 0", fileOf(input, section(2, [2, 7, 1, 0, 2]), labels, thresholds, output)],
    ["taps is 0", fileOf(input, section(2, [2, 7, 1, 3, 0]), labels, thresholds, output)],
    ["taps needs 1 bytes", fileOf(input, section(2, [2, 7, 1, 3]), labels, thresholds, output)],
    ["left over", fileOf(input, section(2, [1, 7, 1, 3, 2]), labels, thresholds, output)],
    ["taps is 4294967295", fileOf(input, section(2, [2, 7, 1, 3, ...HUGE]), labels, thresholds, output)],
    ["functions is 4294967295", fileOf(input, section(2, [2, 7, ...HUGE, ...HUGE, 2]), labels, thresholds, output)],
    ["functions x bits", fileOf(input, section(2, [2, 7, ...varint(2 ** 20), 2, 2]), labels, thresholds, output)],
    ["bits x entries", fileOf(input, section(2, [2, 7, ...varint(2 ** 20), 1, 65]), labels, thresholds, output)],
    ["entries of a row", fileOf(section(1, [1, ...varint(70000)]), section(2, [0, 7, 1, 1]), labels, output)],
    ["seed is no shortest varint", fileOf(input, section(2, [2, 0x87, 0, 1, 3, 2]), labels, thresholds, output)],
    ["seed is no shortest varint", fileOf(input, section(2, [2, ...varint(2 ** 32), 1, 3, 2]), labels, thresholds)],
  ],
  selection: [
    ["pool is 0", fileOf(input, selected(0, 0, 0), labels, output)],
    ["pool is 16777217", fileOf(input, selected(2 ** 24 + 1, 0, 0), labels, output)],
    ["index 2 is 2, wanted below 2", fileOf(input, selected(2, 0, 0), labels, output)],
    ["Rice parameter is 25", fileOf(input, selected(3, 25, 0), labels, output)],
    ["indices needs 2 bytes, found 1", fileOf(input, selected(3, 2, 0), labels, output)],
    ["need more bits", fileOf(input, selected(255, 0, 255), labels, output)],
    ["index 2 is 3, wanted below 3", fileOf(input, selected(3, 0, 0b0100), labels, output)],
    ["not in the smallest form", fileOf(input, selected(9, 1, 0), labels, output)],
    ["not in the smallest form", fileOf(input, selected(3, 0, 0b1000), labels, output)],
    ["left over", fileOf(input, selected(3, 0, 0, 0), labels, output)],
    [
      "indices needs 131072 bytes",
      fileOf(input, section(2, [18, 7, ...varint(2 ** 20), 1, 1, ...varint(2 ** 24), 0, 0]), labels, output),
    ],
    [
      "bitsPerFunction is 4294967295",
      fileOf(input, section(2, [18, 7, ...varint(2 ** 20), ...HUGE, 1, ...varint(2 ** 24), 0, 0]), labels, output),
    ],
  ],
  images: [
    ["smallest is 0", fileOf(image, section(2, [4, 7, 1, 3, 0, 1]), labels, output)],
    ["smallest is 5", fileOf(image, section(2, [4, 7, 1, 3, 5, 5]), labels, output)],
    ["largest is 6", fileOf(image, section(2, [4, 7, 1, 3, 4, 6]), labels, output)],
    ["filter is 5", fileOf(image, section(2, [5, 7, 3, 5, 1, 1, 1, 0]), labels, output)],
    ["filter is 0", fileOf(image, section(2, [5, 7, 3, 0, 1, 1, 1, 0]), labels, output)],
    ["stride is 0", fileOf(image, section(2, [5, 7, 3, 2, 0, 1, 1, 0]), labels, output)],
    ["stride is 6", fileOf(image, section(2, [5, 7, 3, 2, 6, 1, 1, 0]), labels, output)],
    ["cell is 5", fileOf(image, section(2, [5, 7, 3, 2, 1, 5, 1, 0]), labels, output)],
    ["cellStride is 3", fileOf(image, section(2, [5, 7, 3, 2, 1, 2, 3, 0]), labels, output)],
    ["width is 33", fileOf(image, section(2, [5, 7, 3, 2, 1, 2, 2, 33]), labels, output)],
    ["thresholds needs 1 bytes", fileOf(image, section(2, [5, 7, 3, 2, 1, 2, 2, 2, 0]), labels, output)],
    [
      "projection, byte 13: not in the smallest form",
      fileOf(image, section(2, [5, 7, 3, 2, 1, 2, 2, 2, 0, 0]), labels, imageOutput),
    ],
    [
      "counts of a cell is 256",
      fileOf(section(1, [0, 16, 16, 1]), section(2, [37, 7, 3, 1, 1, 16, 16, 0]), labels, output),
    ],
    [
      "number of counts is 65025, wanted an integer 1...32768",
      fileOf(section(1, [0, ...varint(255), ...varint(255), 1]), section(2, [37, 7, 1, 1, 1, 1, 1, 0]), labels, output),
    ],
    ["functions x bits", fileOf(image, section(2, [5, 7, ...varint(2 ** 20), 1, 1, 1, 1, 0]), labels, output)],
    [
      "positions x filters x taps",
      fileOf(
        section(1, [0, ...varint(2048), ...varint(2048), 1]),
        section(2, [5, 7, 64, 8, 1, ...varint(128), ...varint(128), 0]),
        labels,
      ),
    ],
    [
      "positions x filters is",
      fileOf(
        section(1, [0, ...varint(2048), ...varint(2048), 1]),
        section(2, [5, 7, 64, 1, 1, ...varint(128), ...varint(128), 0]),
        labels,
      ),
    ],
    [
      "cells x positions of a cell",
      fileOf(
        section(1, [0, ...varint(2048), ...varint(2048), 1]),
        section(2, [5, 7, 1, 1, 1, ...varint(1500), 1, 0]),
        labels,
      ),
    ],
    ["no section with tag 6", fileOf(image, section(2, [37, 7, 3, 4, 1, 1, 1, 0]), labels, thresholds, output)],
  ],
  texts: [
    ["family is 2, wanted 6", fileOf(textInput, projection, labels, output)],
    ["family is 6, wanted 0...5", fileOf(input, section(2, [6, 7, 1, 3, 1, 1, 0, 1, 1, 1]), labels, output)],
    ["functions is 0", fileOf(textInput, section(2, [6, 7, 0]))],
    [
      "functions x bits",
      fileOf(textInput, section(2, [6, 7, ...varint(2 ** 20), 2, 1, 1, 0, 1, 1, ...varint(2 ** 20)])),
    ],
    ["touches is 65", fileOf(textInput, section(2, [6, 7, 1, 3, 65, 1, 0, 1, 1, 1]))],
    ["weights of presence", fileOf(textInput, section(2, [6, 7, 1, 3, 129, 1, 0, 1, 1, 1]))],
    ["partitions is 0", fileOf(textInput, section(2, [6, 7, 1, 3, 1, 0]))],
    ["kind needs 1 bytes", fileOf(textInput, section(2, [6, 7, 1, 3, 1, 255]))],
    [
      "partitions is 17",
      fileOf(textInput, section(2, [6, 7, 17, 3, 1, 17, ...new Array(17).fill([0, 1, 1, 1]).flat()])),
    ],
    ["kind is 5", fileOf(textInput, section(2, [6, 7, 1, 3, 1, 1, 5, 1, 1, 1]))],
    ["from is 0", fileOf(textInput, section(2, [6, 7, 1, 3, 1, 1, 0, 0, 1, 1]))],
    ["to is 17", fileOf(textInput, section(2, [6, 7, 1, 3, 1, 1, 0, 1, 17, 1]))],
    ["functions of all partitions is 2", fileOf(textInput, section(2, [6, 7, 1, 3, 1, 1, 0, 1, 1, 2]))],
    ["family is 38, wanted 6", fileOf(textInput, section(2, [38, 7, 1, 3, 0, 1, 0, 1, 1, 1]))],
    ["selection of presence", fileOf(textInput, section(2, [22, 7, 1, 3, 1, 1, 0, 1, 1, 9, 9, 0, 0]))],
    ["functions of all partitions is 8", fileOf(textInput, section(2, [22, 7, 1, 3, 0, 1, 0, 1, 1, 8, 9, 0, 0]))],
    ["index 0 is 9, wanted below 9", fileOf(textInput, section(2, [22, 7, 1, 3, 0, 1, 0, 1, 1, 9, 9, 0, 0xff, 1]))],
    [
      "indices needs 131072 bytes, found 1",
      fileOf(textInput, section(2, [22, 7, ...varint(2 ** 20), 1, 0, 1, 0, 1, 1, 9, 9, 0, 0])),
    ],
    [
      "selection: pool is 2097152",
      fileOf(
        textInput,
        section(2, [
          22,
          7,
          1,
          1,
          0,
          2,
          ...new Array(2).fill([0, 1, 1, ...varint(2 ** 20)]).flat(),
          ...varint(2 ** 21),
          0,
          0,
        ]),
      ),
    ],
    ["no section with tag 6", fileOf(textInput, presence, labels, thresholds, output)],
    ["rejection is 0", fileOf(textInput, presence, labels, output, section(7, [0]))],
    ["left over", fileOf(textInput, presence, labels, output, section(7, [9, 9]))],
    ["after the last section", fileOf(input, projection, labels, output, section(7, [9]))],
    [
      "1048576 inputs need",
      fileOf(
        textInput,
        section(2, [6, 7, ...varint(2 ** 20), 1, 1, 1, 0, 1, 1, ...varint(2 ** 20)]),
        section(3, varint(65536)),
        section(6, [0xc3, 0, 0x3f, 0, 0, 1]),
      ),
    ],
  ],
  labels: [
    ["labels is 0", fileOf(input, projection, section(3, [0]))],
    ["labels is 65537", fileOf(input, projection, section(3, varint(65537)))],
    ["label needs 200 bytes", fileOf(input, projection, section(3, [1, ...varint(200), 65]))],
    ["label length needs 1 bytes", fileOf(input, projection, section(3, [...varint(65536), 1, 65]))],
    ["left over", fileOf(input, projection, section(3, [1, 1, 65, 66]))],
    ["label 0 is no UTF-8", fileOf(input, projection, section(3, [2, 1, 0xff, 1, 65]))],
    ["label 1 is no UTF-8", fileOf(input, projection, section(3, [2, 1, 65, 3, 0xed, 0xa0, 0x80]))],
    ["label 0 is no UTF-8", fileOf(input, projection, section(3, [1, 2, 0xc1, 0x81]))],
    [
      "labels, byte 18: not in the smallest form",
      fileOf(input, projection, section(3, [2, 1, 0x30, 1, 0x31]), thresholds, output),
    ],
    ["3 outputs of 3 inputs need", fileOf(input, projection, section(3, [3]), thresholds, output)],
    ["65536 outputs of 3 inputs need", fileOf(input, projection, section(3, varint(65536)), thresholds, output)],
  ],
  thresholds: [
    ["width - 1 is 32", fileOf(input, projection, labels, section(4, [32, 0, 0, 0]), output)],
    ["shift is 32", fileOf(input, projection, labels, section(4, [2, 32, 0x2a, 0]), output)],
    ["thresholds needs 2 bytes", fileOf(input, projection, labels, section(4, [2, 1, 0x2a]), output)],
    ["left over", fileOf(input, projection, labels, section(4, [2, 1, 0x2a, 0, 0]), output)],
    ["smallest form", fileOf(input, projection, labels, section(4, [2, 1, 0, 0]), output)],
    ["smallest form", fileOf(input, projection, labels, section(4, [1, 0, 0b000011]), output)],
    ["smallest form", fileOf(input, projection, labels, section(4, [3, 0, 0b10010, 0]), output)],
    ["smallest form", fileOf(input, projection, labels, section(4, [2, 1, 0b00010010, 0]), output)],
    ["leaves 32 bits", fileOf(input, projection, labels, section(4, [2, 31, 0x2a, 0]), output)],
    ["not in the smallest form", fileOf(input, projection, labels, section(4, [2, 1, 0x2a, 2]), output)],
    ["not in the smallest form", fileOf(input, projection, labels, section(4, [2, 1, 0x2a, 0x80]), output)],
  ],
  layers: [
    ["precision and forms needs 1 bytes", fileOf(input, projection, labels, thresholds, section(6, []))],
    ["need 8 bytes, found 7", fileOf(input, projection, labels, section(6, [0x43, 0, 0x3f, 0, 0, 0x80, 0x3f, 0xa7]))],
    [
      "need 8 bytes, found 9",
      fileOf(input, projection, labels, section(6, [0x43, 0, 0x3f, 0, 0, 0x80, 0x3f, 0xa7, 2, 0])),
    ],
    [
      "not in the smallest form",
      fileOf(input, projection, labels, section(6, [0x43, 0, 0x3f, 0, 0, 0x80, 0x3f, 243, 2])),
    ],
    [
      "not in the smallest form",
      fileOf(input, projection, labels, section(6, [0x43, 0, 0x3f, 0, 0, 0x80, 0x3f, 0xa7, 3])),
    ],
    ["scale 0 is NaN", fileOf(input, projection, labels, section(6, [0x43, 0xc0, 0x7f, 0, 0, 0x80, 0x3f, 0xa7, 2]))],
    ["bias 1 is Infinity", fileOf(input, projection, labels, section(6, [0x43, 0, 0x3f, 0, 0, 0x80, 0x7f, 0xa7, 2]))],
    ["not in the smallest form", fileOf(input, projection, labels, section(6, [0x43, 0, 0x3f, 0, 0, 0, 0, 0xa7, 2]))],
    [
      "scale 0 is 8589934592",
      fileOf(input, projection, labels, section(6, [0x43, 0, 0x50, 0, 0, 0x80, 0x3f, 0xa7, 2])),
    ],
    ["unknown form", fileOf(input, projection, labels, section(6, [0x10, 0, 0, ...new Array(12).fill(0)]))],
    ["weight 0 is NaN", fileOf(input, projection, labels, section(6, [0, 0, 0, 0xc0, 0x7f, ...new Array(10).fill(0)]))],
    ["not in the smallest form", fileOf(input, projection, labels, section(6, [8, 0, 0, ...new Array(24).fill(0)]))],
    ["unknown form", fileOf(input, projection, labels, section(6, [0x80, 0, 0, ...new Array(12).fill(0)]))],
    ["outputs is 0", fileOf(input, projection, labels, section(5, [0, 1]), output)],
    ["outputs is 65537", fileOf(input, projection, labels, section(5, [...varint(65537), 1]), output)],
    ["65536 outputs of 3 inputs need", fileOf(input, projection, labels, section(5, [...varint(65536), 1, 0]), output)],
    [
      "2 outputs of 6 inputs need",
      fileOf(
        input,
        projection,
        labels,
        section(5, [6, 1, 0, 0, 0, 0, ...Array.from({ length: 18 }, (_, i) => i * 89 % 256)]),
        output,
      ),
    ],
    [
      "1048576 inputs need",
      fileOf(input, section(2, [2, 7, ...varint(2 ** 20), 1, 2]), section(3, varint(65536)), output),
    ],
  ],
};

/** A file of 64 bits and ten labels with an int8 output layer; the payload of the layer is given, or made with weights that coding makes smaller. */
function withOutput(payload?: number[]): { file: Uint8Array; payload: number[] } {
  const model = makeModel({ head: ["int8"], functions: 64, bitsPerFunction: 1, labels: Array.from("0123456789") });
  const next = testNumbers(5);
  const [layer] = model.head;
  layer.weights.forEach((_, i) => layer.weights[i] = makeWeights("int8", next, 4));
  layer.scales.fill(0.5);
  layer.bias.fill(0);
  const bytes = [...encodePnet(model)];
  const [input, projection, labels] = [
    section(1, [0, 3, 1, 2]),
    section(2, [1, ...varint(model.projection.seed), 64, 1]),
    section(3, [10]),
  ];
  const before = 4 + 1 + varint(bytes.length).length + input.length + projection.length + labels.length;
  const size = bytes.length - 4 - before;
  const own = bytes.slice(before + 1 + varint(size - 2).length, -4);
  return { file: fileOf(input, projection, labels, section(6, payload ?? own)), payload: payload ?? own };
}

Deno.test("decodePnet: coded weights are refused in every other form", () => {
  const { file, payload } = withOutput();
  assertEquals(encodePnet(decodePnet(file)), file);
  assertEquals(payload[0], 1 + 128);
  const [first, ...rest] = payload;
  const vectors = rest.slice(0, 4), code = rest.slice(4);
  const plain = [...decodePnet(file).head[0].weights].map((weight) => weight + 128);
  assertLess(code.length, plain.length);
  const refused: [message: string, payload: number[]][] = [
    ["output layer, byte", [1, ...vectors, ...plain]],
    ["output layer, byte", [first, ...vectors, ...code, 0]],
    ["output layer, byte", [first, ...vectors, ...code, 1]],
    ["output layer, byte", [first, ...vectors, ...new Array(500).fill(255)]],
    ["output layer, byte", [first, ...vectors, ...new Array(500).fill(0)]],
    ["need 644 bytes, found 13", [first, ...vectors, ...code.slice(0, 9)]],
    ["need 644 bytes, found 4", [first, ...vectors]],
    ["need 644 bytes, found 2", [first, ...vectors.slice(2)]],
    ["need 644 bytes, found 644", [first, ...vectors, ...plain]],
    ["need 644 bytes, found 643", [1, ...vectors, ...plain.slice(1)]],
  ];
  for (const [message, other] of refused) assertRefused(withOutput(other).file, message);
});

Deno.test("decodePnet: any bytes as coded weights are refused, or are the code of weights of the precision", () => {
  const next = testNumbers(77);
  const ranges = [[-128, 127], [-8, 7], [-1, 1], [-1, 1]];
  let accepted = 0;
  for (let round = 0; round < 400; round++) {
    const kind = 1 + round % 4;
    const code = Array.from(
      { length: 12 + Math.floor(next() * [600, 280, 100, 60][kind - 1]) },
      () => Math.floor(next() * 256),
    );
    const file = withOutput([128 + kind, 0, 0x3f, 0, 0, ...code]).file;
    try {
      const { head: [{ weights }] } = decodePnet(file);
      accepted++;
      const [least, largest] = ranges[kind - 1];
      assertEquals([...weights].every((weight) => weight >= least && weight <= largest), true);
      assertEquals(encodePnet(decodePnet(file)), file);
    } catch (error) {
      assertInstanceOf(error, PnetFormatError);
    }
  }
  // Nearly every string is a code whose end is a little too long or short.
  assertLess(accepted, 400);
});

Deno.test("decodePnet: tables that do not fit are refused", () => {
  const tables = (d: number, layers: number[][]): Uint8Array =>
    fileOf(input, section(2, [2, 7, 1, d, 2]), labels, ...layers);
  const entries = [0, 0x3f, 0, 0, 0x18, 0x27, 0x36, 0x45, 0x51, 0x60, 0x7f, 0x81];
  assertEquals(decodePnet(tables(2, [section(6, [6, ...entries.slice(0, 8)])])).head[0].inputs, 4);
  assertRefused(tables(3, [section(6, [6, ...entries.slice(0, 11)])]), "2 outputs of 8 inputs need 12 bytes, found 11");
  assertRefused(tables(17, [section(6, [6, ...entries])]), "tables of 17 bits, wanted at most 16");
  assertRefused(tables(16, [section(6, [6, ...entries])]), "2 outputs of 65536 inputs need");
  assertRefused(tables(16, [section(6, [6 + 128, ...entries])]), "2 outputs of 65536 inputs need");
  assertRefused(
    tables(2, [section(5, [1, 1, 0, 0, 0, 0, 1, 2]), section(6, [6, ...entries])]),
    "tables that read no bits",
  );
});

for (const [part, cases] of Object.entries(HOSTILE)) {
  Deno.test(`decodePnet: hostile ${part} under a right checksum`, () => {
    for (const [message, bytes] of cases) assertRefused(bytes, message);
  });
}

Deno.test("loadPnet: runs a file whose parts are not in their smallest form as decodePnet's would", () => {
  const spelt = fileOf(input, projection, section(3, [2, 1, 0x30, 1, 0x31]), thresholds, output);
  const short = fileOf(input, projection, section(3, [2]), thresholds, output);
  assertRefused(spelt, "not in the smallest form");
  const [one, other] = [spelt, short].map((file) => loadPnet(file).classify([9, 200, 30]));
  assertEquals(one, other);
});

Deno.test("decodePnet: the test's own example is a good file", () => {
  decodePnet(fileOf(image, section(2, [5, 7, 3, 2, 1, 2, 2, 0]), labels, imageOutput));
  assertEquals(decodePnet(fileOf(input, projection, labels, thresholds, output)).labels, ["no", "yes"]);
});

Deno.test("decodePnet: no refusal depends on the counts that a file claims", () => {
  // One million bits, 65,536 labels, 65,536 hidden values: as arrays these would take gigabytes, and a test its time limit.
  const claims = fileOf(
    section(1, [1, ...varint(2 ** 22)]),
    section(2, [2, 7, ...varint(2 ** 20), 1, 64]),
    section(3, varint(65536)),
    section(5, [...varint(65536), 1, 0, 0, 0, 0]),
    section(6, [1, 0, 0, 0, 0]),
  );
  const start = performance.now();
  for (let i = 0; i < 1000; i++) assertRefused(claims, "need");
  assertLess(performance.now() - start, 5000);
});

Deno.test("loadPnet: refuses what decodePnet refuses", () => {
  assertThrows(() => loadPnet(small.slice(0, -1)), PnetFormatError);
});
