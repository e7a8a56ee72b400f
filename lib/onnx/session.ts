/**
 * Runs ONNX models in onnxruntime-web, in WebAssembly on one thread. It is loaded when the first session is opened, and by nothing else.
 *
 * @module
 */
import { OnnxModelError } from "./errors.ts";

/** The package, at the version that is tested. */
const runtimePackage = "onnxruntime-web";
const runtimeVersion = "1.23.2";

/** Types of elements that are fed, and their arrays. */
interface ArrayTypes {
  float32: Float32Array;
  float64: Float64Array;
  uint8: Uint8Array;
  int32: Int32Array;
  int64: BigInt64Array;
}

/** Name of a type that can be fed. */
export type FedType = keyof ArrayTypes;

/** A tensor that goes in or comes out. */
export interface RuntimeTensor {
  /** Its values, row-major. */
  readonly data: ArrayLike<number> | BigInt64Array | BigUint64Array;
  /** Length of each axis. */
  readonly dims: readonly number[];
}

/** A model that is ready to run. */
export interface OnnxSession {
  /** Runs it for named inputs and gives the named outputs. */
  run(
    inputs: Readonly<Record<string, { type: FedType; data: ArrayTypes[FedType]; dims: readonly number[] }>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  /** Ends it. */
  release(): Promise<void>;
}

/** What is used of onnxruntime-web. */
interface Runtime {
  env: { wasm: { numThreads: number }; logLevel: string };
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => RuntimeTensor;
  InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<{
      run(feeds: object, outputs: readonly string[]): Promise<Record<string, RuntimeTensor>>;
      release(): Promise<void>;
    }>;
  };
}

/**
 * Opens a model. Throws {@linkcode OnnxModelError} when the runtime cannot be loaded or refuses it; errors of `run` are of this type, too.
 *
 * @param bytes an ONNX file
 * @param name what messages call it
 */
export async function openSession(bytes: Uint8Array, name: string): Promise<OnnxSession> {
  const runtime = await loadRuntime();
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new OnnxModelError(`${name}: onnxruntime-web says: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  };
  const session = await attempt(() =>
    runtime.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    })
  );
  return {
    async run(inputs, outputs): Promise<Readonly<Record<string, RuntimeTensor>>> {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { type, data, dims }]) => [name, new runtime.Tensor(type, data, dims)]),
      );
      return await attempt(() => session.run(feeds, outputs));
    },
    release: () => session.release(),
  };
}

async function loadRuntime(): Promise<Runtime> {
  // The name is put together here, so that nobody fetches the package before it is needed.
  const specifier = "Deno" in globalThis ? `npm:${runtimePackage}@${runtimeVersion}/wasm` : `${runtimePackage}/wasm`;
  let runtime: Runtime;
  try {
    runtime = await import(specifier);
  } catch (error) {
    throw new OnnxModelError(
      `running an ONNX model needs the package ${runtimePackage}, which cannot be loaded: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = "error";
  return runtime;
}
