import table from "./data/triton-26.07.json";
import { oneOf, type Source } from "./fact";

/** The newest version of Triton that this program is made for, as NVIDIA numbers its containers. */
export const pinnedTritonVersion = "26.07";

/** Versions that an environment may name, newest first. */
export const tritonVersions = [pinnedTritonVersion, "26.06"] as const;

/** A version of Triton that an environment may name. */
export interface TritonVersion {
  readonly version: (typeof tritonVersions)[number];
  /** The server's own number. */
  readonly release: string;
  readonly source: Source;
}

const branch = (version: string, commit: string, date: string): Source => ({
  source: `triton-inference-server/server r${version} ${commit}`,
  date,
  standing: "exact",
});

const versions: readonly TritonVersion[] = [
  { version: "26.07", release: "2.71.0", source: branch("26.07", "819ee3777", "2026-07-24") },
  { version: "26.06", release: "2.70.0", source: branch("26.06", "690f9dd2c", "2026-06-25") },
];

/** A version that an environment may name; undefined for every other. */
export function tritonVersion(version: string): TritonVersion | undefined {
  return versions.find((known) => known.version === version);
}

/** Images of Triton with the backend that a release needs. */
export const tritonImage = {
  repository: "nvcr.io/nvidia/tritonserver",
  tag: (version: string, backend: "vllm" | "tensorrtllm" | "all"): string =>
    `${version}-${{ vllm: "vllm-python-py3", tensorrtllm: "trtllm-python-py3", all: "py3" }[backend]}`,
} as const;

/** The server, alike in both versions. */
export const tritonServer = {
  httpPort: 8000,
  grpcPort: 8001,
  metricsPort: 8002,
  openaiPort: 9000,
  livePath: "/v2/health/live",
  /** Also for start-up: with `--strict-readiness` (the default) it is 200 when all models are loaded. */
  readyPath: "/v2/health/ready",
  metricsPath: "/metrics",
  user: 1000,
  group: 1000,
  source: {
    source: "triton-inference-server/server r26.07 819ee3777, src/command_line_parser.h and deploy/k8s-onprem",
    date: "2026-07-24",
    standing: "exact",
    note: "the group is from memory; the port of gRPC stands in the documentation",
  },
} as const satisfies Readonly<Record<string, number | string | Source>>;

const optionTypes = ["flag", "boolean", "integer", "number", "text"] as const;

/** An option of `tritonserver`, or an argument of its OpenAI front end. */
export interface TritonOption {
  /** With its dashes. */
  readonly name: string;
  /** A flag takes nothing; a boolean takes `=true` or `=false`. */
  readonly type: (typeof optionTypes)[number];
  /** Form of the text, such as `<string>:<integer>`; undefined where it is free. */
  readonly form: string | undefined;
  /** Null where the code has none in plain sight. */
  readonly default: boolean | number | string | null;
}

interface OptionRow {
  readonly type: string;
  readonly form?: string | undefined;
  readonly default?: boolean | number | string | undefined;
}

function readOptions(rows: Readonly<Record<string, OptionRow>>): ReadonlyMap<string, TritonOption> {
  const read = (name: string, { type, form, default: fallback }: OptionRow): TritonOption => ({
    name: `--${name}`,
    type: oneOf(optionTypes, type, "type"),
    form,
    default: fallback ?? null,
  });
  return new Map(Object.entries(rows).map(([name, row]) => [`--${name}`, read(name, row)]));
}

/** Options of `tritonserver`: the same in 26.06 and 26.07, whose parsers are one and the same file. */
export const tritonOptions = readOptions(table.options);

/** Arguments of the front end that 26.06 does not have. */
const newInFrontEnd: ReadonlySet<string> = new Set(["--max-tool-call-parse-bytes"]);

/** Arguments of the OpenAI front end in a version; undefined for a version that was not read. */
export function tritonFrontEndOptions(version: string): ReadonlyMap<string, TritonOption> | undefined {
  if (tritonVersion(version) === undefined) return undefined;
  const all = [...readOptions(table.openaiFrontEnd)];
  return new Map(version === pinnedTritonVersion ? all : all.filter(([name]) => !newInFrontEnd.has(name)));
}

const metricTypes = ["counter", "gauge", "histogram", "summary"] as const;

/** A metric of Triton. Durations are counters in microseconds: divide two rates. */
export interface TritonMetric {
  /** As Prometheus shows it: counters have no `_total`. */
  readonly name: string;
  readonly type: (typeof metricTypes)[number];
  /** Metrics of a model have the labels `model` and `version`, those of a GPU `gpu_uuid`. */
  readonly per: "model" | "gpu" | "server";
  /** What `--metrics-config` has to say for it to be there; undefined where it always is. */
  readonly needs: "histogram_latencies=true" | "summary_latencies=true" | undefined;
}

const needs = {
  counter: undefined,
  gauge: undefined,
  histogram: "histogram_latencies=true",
  summary: "summary_latencies=true",
} as const;

/** Metrics of Triton by name: the same in 26.06 and 26.07. Its vLLM backend can add those of vLLM. */
export const tritonMetrics: ReadonlyMap<string, TritonMetric> = new Map(
  Object.entries(table.metrics).map(([name, row]) => {
    const type = oneOf(metricTypes, row.type, "type");
    const per = oneOf(["model", "gpu", "server"] as const, row.per, "per");
    return [name, { name, type, per, needs: needs[type] }];
  }),
);
