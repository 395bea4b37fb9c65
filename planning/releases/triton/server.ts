import { tritonServer } from "../../../catalog/triton";
import { restrictedApis } from "../../../catalog/triton-backends";
import { openaiFrontEnd } from "../../../catalog/triton-images";
import type { TritonSettings } from "../../../environment";
import { bytesPerGiB } from "../../../catalog/units";

/** Where the repository is put together. */
export const repositoryPath = "/repository";
/** By which the engine asks its clients for their key. */
export const apiKeyVariable = "TRITON_API_KEY";

/**
 * Starts what follows with one more argument: a key for the administration of the server that nobody has. In explicit
 * mode the load API is open to whoever reaches the port, and code comes with a model; there is no switch that closes it,
 * only a header that it may be made to ask for. So the header's value is made at every start, and forgotten.
 */
const closing = "key=`head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \\n'`; test ${#key} -eq 64";
const closedHeader = "modelyard-closed";

export interface ServerQuestion {
  readonly settings: TritonSettings;
  readonly models: readonly string[];
  readonly drainSeconds: number;
  /** Where the tokenizer is that the OpenAI front end uses. */
  readonly tokenizer: string | null;
  readonly chatTemplate: string | null;
}

/** What the container runs: a few words of shell around the server, whose flags stand as they are. */
export function serverArgs(question: ServerQuestion): readonly string[] {
  return question.settings.openai === undefined
    ? wrapped(
        `--http-restricted-api=${restrictedApis.administration.join(",")}:${closedHeader}="$key"`,
        kserveArgs(question),
      )
    : wrapped(`--openai-restricted-api model-repository ${closedHeader} "$key"`, openaiArgs(question));
}

function wrapped(last: string, command: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", `set -eu; ${closing}; exec "$@" ${last}`, "sh", ...command];
}

/** The server with KServe's API over HTTP. gRPC is off: nothing of the platform uses it. */
function kserveArgs({ settings, models, drainSeconds }: ServerQuestion): readonly string[] {
  const { responseCache, rateLimit, latencyHistograms } = settings;
  return [
    "tritonserver",
    `--model-repository=${repositoryPath}`,
    "--model-control-mode=explicit",
    ...models.map((model) => `--load-model=${model}`),
    "--disable-auto-complete-config",
    "--exit-on-error=true",
    "--strict-readiness=true",
    `--exit-timeout-secs=${drainSeconds}`,
    `--http-port=${tritonServer.httpPort}`,
    "--allow-grpc=false",
    `--metrics-port=${tritonServer.metricsPort}`,
    ...(latencyHistograms ? ["--metrics-config=histogram_latencies=true"] : []),
    ...(responseCache === undefined
      ? []
      : [`--cache-config=local,size=${Math.round(responseCache.size * bytesPerGiB)}`]),
    ...(rateLimit === undefined ? [] : ["--rate-limit=execution_count", ...rateLimit.resources.map(resourceFlag)]),
    `--http-restricted-api=${restrictedApis.inference}:authorization=Bearer $(${apiKeyVariable})`,
  ];
}

function resourceFlag({ name, count, gpu }: NonNullable<TritonSettings["rateLimit"]>["resources"][number]): string {
  return `--rate-limit-resource=${name}:${count}${gpu === undefined ? "" : `:${gpu}`}`;
}

/**
 * OpenAI's API, which has the server in its own process. It takes few of the server's options; after SIGTERM it
 * finishes its requests without a limit of its own.
 */
function openaiArgs({ settings, models, tokenizer, chatTemplate }: ServerQuestion): readonly string[] {
  const { openai } = settings;
  if (openai === undefined) return [];
  const { toolCallParser, defaultMaxTokens } = openai;
  return [
    "python3",
    openaiFrontEnd.program,
    `--model-repository=${repositoryPath}`,
    "--model-control-mode=explicit",
    ...models.map((model) => `--load-model=${model}`),
    ...(tokenizer === null ? [] : [`--tokenizer=${tokenizer}`]),
    ...(chatTemplate === null ? [] : [`--chat-template=${chatTemplate}`]),
    ...(toolCallParser === undefined ? [] : [`--tool-call-parser=${toolCallParser}`]),
    `--default-max-tokens=${defaultMaxTokens}`,
    `--openai-port=${tritonServer.openaiPort}`,
    "--openai-restricted-api",
    restrictedApis.inference,
    "authorization",
    `Bearer $(${apiKeyVariable})`,
  ];
}
