/**
 * Writes `.pnet` files (FORMAT.md): one byte string for each model.
 *
 * @module
 */

import { checkModel } from "./check_model.ts";
import { CODED, crc32, MAGIC, PRECISIONS, type SectionName, TABLES, TAGS, VERSION } from "./format.ts";
import { digitsOf, EACH, formOf, type IntegerPrecision, packDigits, WIDE } from "./numbers.ts";
import { type AnyModel, type HeadLayer, type InputDescription, isTextModel } from "./model.ts";
import { writeTextInput, writeTextProjection } from "./text_sections.ts";
import { writeTrunk } from "./trunk_section.ts";
import { encodeWeights, type IntegerWeights } from "./weight_coder.ts";
import { packThresholds, writeProjection, writeSelection } from "./write_projection.ts";
import { Writer } from "./writer.ts";

/** Encodes a model; see `encodePnet` in on_demand.ts. */
export function encodePnet(model: AnyModel): Uint8Array<ArrayBuffer> {
  checkModel(model);
  const body = new Writer();
  const section = (name: SectionName, write: (payload: Writer) => void): void => {
    const payload = new Writer();
    write(payload);
    body.bytes([TAGS[name]]);
    body.varint(payload.length);
    body.bytes(payload.finish());
  };
  section("input", (payload) => writeInput(payload, model.input));
  if (!isTextModel(model) && model.trunk !== undefined) {
    const { trunk } = model;
    section("trunk", (payload) =>
      writeTrunk(payload, trunk, (layer) => {
        const bytes = new Writer();
        writeLayer(bytes, layer, false);
        return bytes.finish();
      }));
  }
  section("projection", (payload) => {
    if (!isTextModel(model)) return writeProjection(payload, model);
    const { projection } = model;
    writeTextProjection(payload, projection);
    if (projection.selection) writeSelection(payload, projection.selection);
  });
  section("labels", (payload) => writeLabels(payload, model.labels));
  if (model.thresholds.some((threshold) => threshold !== 0)) {
    section("thresholds", (payload) => {
      const { width, shift, packed } = packThresholds(model.thresholds);
      payload.bytes([width - 1, shift]);
      payload.bytes(packed);
    });
  }
  if (model.head.length === 2) {
    section("hidden layer", (payload) => {
      payload.varint(model.head[0].outputs);
      writeLayer(payload, model.head[0], isTextModel(model));
    });
  }
  const sparse = isTextModel(model) && model.head.length === 1;
  section("output layer", (payload) => writeLayer(payload, model.head[model.head.length - 1], sparse));
  if (isTextModel(model) && model.rejection !== undefined) {
    const { rejection } = model;
    section("rejection", (payload) => payload.bytes([rejection]));
  }

  const file = new Writer();
  file.integer(MAGIC, 4);
  file.bytes([VERSION]);
  // The length counts its own bytes: one more of them may be needed to say so.
  let size = 1;
  while (9 + size + body.length >= 128 ** size) size++;
  file.varint(9 + size + body.length);
  file.bytes(body.finish());
  file.integer(crc32(file.finish()), 4);
  return file.finish();
}

function writeInput(payload: Writer, input: InputDescription): void {
  if (input.kind === "text") return writeTextInput(payload, input);
  if (input.kind === "image") {
    payload.bytes([0]);
    payload.varint(input.width);
    payload.varint(input.height);
    payload.varint(input.channels);
    return;
  }
  const { features, quantization } = input;
  payload.bytes([["none", "shared", "columns"].indexOf(quantization.rule) + 1]);
  payload.varint(features);
  if (quantization.rule === "shared") {
    payload.floats(Float32Array.of(quantization.offset, quantization.scale), WIDE + EACH);
  } else if (quantization.rule === "columns") {
    const offsetForm = formOf(quantization.offsets);
    const scaleForm = formOf(quantization.scales);
    payload.bytes([offsetForm + 4 * scaleForm]);
    payload.floats(quantization.offsets, offsetForm);
    payload.floats(quantization.scales, scaleForm);
  }
}

function writeLabels(payload: Writer, labels: string[]): void {
  payload.varint(labels.length);
  if (labels.every((label, i) => label === `${i}`)) return;
  for (const label of labels) {
    const text = new TextEncoder().encode(label);
    payload.varint(text.length);
    payload.bytes(text);
  }
}

function writeLayer(payload: Writer, layer: HeadLayer, sparse: boolean): void {
  const { precision, weights, scales, bias } = layer;
  const float = weights instanceof Float32Array;
  const coded = float ? undefined : encodeWeights({ ...layer as IntegerWeights, sparse });
  const form = float ? formOf(weights) & WIDE : formOf(scales);
  const biasForm = formOf(bias);
  const kind = PRECISIONS.indexOf(precision) + (layer.tableBits === undefined ? 0 : TABLES);
  payload.bytes([kind + 8 * form + 32 * biasForm + (coded === undefined ? 0 : CODED)]);
  if (!float) payload.floats(scales, form);
  payload.floats(bias, biasForm);
  if (float) payload.floats(weights, form | EACH);
  else payload.bytes(coded ?? packDigits(weights, digitsOf(precision as IntegerPrecision)));
}
