/**
 * The families of projections as parts of a runtime: reading them from a file and computing them. A runtime that knows few of them is smaller.
 *
 * @module
 */

import {
  type ConvSpec,
  prepareConvProduct,
  prepareProduct,
  prepareRowsProduct,
  type Product,
  type ProjectionSpec,
  type RowsSpec,
} from "../projection/mod.ts";
import { type Families, readConv, readRows } from "./read_projection.ts";

/** Families that are read and computed. */
export interface FamilyParts extends Families {
  /** Lays out a projection of one of the families. */
  prepare(spec: ProjectionSpec): Product;
}

/** All families. */
export const allFamilies: FamilyParts = { conv: readConv, rows: readRows, prepare: prepareProduct };
/** Filters on images. */
export const convFamily: FamilyParts = { conv: readConv, prepare: (spec) => prepareConvProduct(spec as ConvSpec) };
/** Products with matrices. */
export const rowFamilies: FamilyParts = { rows: readRows, prepare: (spec) => prepareRowsProduct(spec as RowsSpec) };
