/**
 * Counters of a service in Prometheus' text format.
 *
 * @module
 */

/** Upper bounds of the histogram of seconds. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const PREFIX = "projectionnet";

/** What a service counts. */
export class Metrics {
  readonly #requests = new Map<string, Map<number, number>>();
  readonly #samples = new Map<string, number>();
  readonly #loads = { loaded: new Map<string, number>(), refused: new Map<string, number>() };
  readonly #buckets = new Float64Array(BUCKETS.length + 1);
  #seconds = 0;
  /** Requests that are not answered yet. */
  inFlight = 0;

  /** Counts a request that was answered. */
  request(route: string, status: number): void {
    let statuses = this.#requests.get(route);
    if (statuses === undefined) this.#requests.set(route, statuses = new Map());
    increase(statuses, status, 1);
  }

  /** Counts samples that were classified. */
  samples(model: string, count: number): void {
    increase(this.#samples, model, count);
  }

  /** Counts an attempt to load a model. */
  reload(model: string, succeeded: boolean): void {
    increase(this.#loads[succeeded ? "loaded" : "refused"], model, 1);
  }

  /** Counts how long a classification took, from the request to its answer. */
  seconds(value: number): void {
    let bucket = 0;
    while (bucket < BUCKETS.length && value > BUCKETS[bucket]) bucket++;
    this.#buckets[bucket]++;
    this.#seconds += value;
  }

  /**
   * Writes all counters.
   *
   * @param modelBytes size of each model
   * @returns text/plain; version=0.0.4
   */
  text(modelBytes: Iterable<[model: string, bytes: number]>): string {
    const lines: string[] = [];
    const series = (name: string, kind: string, help: string): void => {
      lines.push(`# HELP ${PREFIX}_${name} ${help}`, `# TYPE ${PREFIX}_${name} ${kind}`);
    };
    const each = <Key>(name: string, values: Iterable<[Key, number]>, labels: (key: Key) => string): void => {
      for (const [key, value] of values) lines.push(`${PREFIX}_${name}{${labels(key)}} ${value}`);
    };
    const ofModel = (model: string): string => `model="${escape(model)}"`;
    series("requests_total", "counter", "Requests answered.");
    for (const [route, statuses] of this.#requests) {
      each("requests_total", statuses, (status) => `route="${route}",status="${status}"`);
    }
    series("requests_in_flight", "gauge", "Requests not answered yet.");
    lines.push(`${PREFIX}_requests_in_flight ${this.inFlight}`);
    series("samples_total", "counter", "Samples classified.");
    each("samples_total", this.#samples, ofModel);
    series("model_loads_total", "counter", "Model files loaded or refused.");
    for (const [result, loads] of Object.entries(this.#loads)) {
      each("model_loads_total", loads, (model) => `${ofModel(model)},result="${result}"`);
    }
    series("model_bytes", "gauge", "Size of the model file.");
    each("model_bytes", modelBytes, ofModel);
    const name = "classify_seconds";
    series(name, "histogram", "Time from a request to its answers.");
    let count = 0;
    this.#buckets.forEach((found, i) => {
      count += found;
      lines.push(`${PREFIX}_${name}_bucket{le="${BUCKETS[i] ?? "+Inf"}"} ${count}`);
    });
    lines.push(`${PREFIX}_${name}_sum ${this.#seconds}`, `${PREFIX}_${name}_count ${count}`, "");
    return lines.join("\n");
  }
}

function increase<Key>(counters: Map<Key, number>, key: Key, by: number): void {
  counters.set(key, (counters.get(key) ?? 0) + by);
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
