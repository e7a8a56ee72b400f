import { loadPnet } from "../../lib/packed/mod.ts";
import { testRuntime } from "./runtime_cases.ts";

testRuntime("loadPnet", loadPnet);
