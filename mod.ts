/**
 * ProjectionNet: train a full network and a tiny LSH random-projection network together, ship only the tiny one (Ravi 2017, arXiv 1708.00630).
 *
 * {@linkcode train} goes from a data set to packed `.pnet` files in one call; everything that it is made of (tensors and their gradients,
 * layers, optimisers, projections, the joint objective, the file format) is here as well. To run a packed file, `./runtime` is enough.
 *
 * @module
 */
export * from "./lib/projection/mod.ts";
export * from "./lib/kernels/mod.ts";
export * from "./lib/autodiff/mod.ts";
export * from "./lib/nn/mod.ts";
export * from "./lib/packed/mod.ts";
export * from "./lib/data/mod.ts";
export * from "./lib/joint/mod.ts";
