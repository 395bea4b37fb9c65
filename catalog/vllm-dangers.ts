import type { FlagName } from "./command-line/flags";
import type { Source } from "./fact";

/** What of vLLM's command line and variables takes its protections away. */
export const vllmDangersSource: Source = {
  source: "vllm wheel 0.31.0, vllm/entrypoints, vllm/config, vllm/envs.py; vLLM documentation, usage/security",
  date: "2026-10-03",
  standing: "exact",
};

export const trustRemoteCode: FlagName = { name: "trust-remote-code", shortest: "trust-rem" };
export const profiler: FlagName = { name: "profiler-config", shortest: "profil" };
export const tokenizerDetails: FlagName = { name: "enable-tokenizer-info-endpoint", shortest: "enable-tok" };

/** Each variable that opens something, and what it opens. */
export const openingVariables: Readonly<Record<string, string>> = {
  VLLM_SERVER_DEV_MODE: "opens the development endpoints",
  VLLM_TORCH_PROFILER_DIR: "opens the profiler's endpoints",
};

/** Permissions that open nothing: this one only chooses a layout of the KV cache. */
const harmlessPermissions: ReadonlySet<string> = new Set(["VLLM_ALLOW_CHUNKED_LOCAL_ATTN_WITH_HYBRID_KV_CACHE"]);

/** Whether a variable allows what vLLM forbids. */
export function isPermission(name: string): boolean {
  return name.startsWith("VLLM_ALLOW_") && !harmlessPermissions.has(name);
}

/** The Hub, datasets and several engines each have a variable of this name with a prefix of their own. */
export function isTrustVariable(name: string): boolean {
  return /(?<!NO_)TRUST_REMOTE_CODE$/i.test(name);
}

const pluginCode = "loads Python code that no review sees into the engine";
const clientCode = "lets a client decide what only the operator should";
const prompts = "writes what clients ask, or are answered, to the log";

/** Flags of `vllm serve` that are refused, and what each does: the sentence goes on after the flag's name. */
export const dangerousVllmFlags: Readonly<Record<string, string>> = {
  [`--${trustRemoteCode.name}`]: "lets a model bring code that the engine runs",
  [`--${profiler.name}`]: "opens the profiler's endpoints",
  [`--${tokenizerDetails.name}`]: "opens the endpoint with the tokenizer's details",
  "--api-key": "shows the key to everybody who may read pods",
  "--hf-token": "shows the token to everybody who may read pods",
  "--config": "takes settings from a file that no review sees",
  "--middleware": pluginCode,
  "--logits-processors": pluginCode,
  "--tool-parser-plugin": pluginCode,
  "--reasoning-parser-plugin": pluginCode,
  "--io-processor-plugin": pluginCode,
  "--worker-cls": pluginCode,
  "--worker-extension-cls": pluginCode,
  "--scheduler-cls": pluginCode,
  "--model-class-overrides": pluginCode,
  "--log-config-file": "takes settings from a file that no review sees",
  "--tool-server": "lets the model call tools from inside the engine's network, some of which run code",
  "--allowed-local-media-path": "lets a client read files of the pod",
  "--enable-prompt-embeds": "lets a client crash the engine by vectors of a wrong shape",
  "--enable-mm-embeds": "lets a client crash the engine by vectors of a wrong shape",
  "--trust-request-chat-template": clientCode,
  "--trust-request-mm-kwargs": clientCode,
  "--enable-log-requests": prompts,
  "--enable-log-outputs": prompts,
};

/** Variables that are refused, and what each does, beside permissions, trust and those that open something. */
const dangerousVariables: Readonly<Record<string, string>> = {
  ...openingVariables,
  PYTHONOPTIMIZE: "runs the engine without Python's assertions, by which it checks some input",
  PYTHONPATH: "loads Python code that no review sees into the engine",
  PYTHONSTARTUP: "loads Python code that no review sees into the engine",
  LD_PRELOAD: "loads code that no review sees into the engine",
  VLLM_PLUGINS: "loads plugins that no review sees into the engine",
  VLLM_DEBUG_LOG_API_SERVER_RESPONSE: prompts,
  VLLM_MODEL_REDIRECT_PATH: "serves another model than the one that is named",
  VLLM_USE_MODELSCOPE: "fetches the model from another place than the one that is named",
  VLLM_LORA_RESOLVER_CACHE_DIR: "lets clients load adapters that no review saw",
  VLLM_LORA_RESOLVER_HF_REPO_LIST: "lets clients load adapters that no review saw",
};

/** Words at the end of names of variables that hold secrets. */
const secretName = /(^|_)(API_?KEY|TOKEN|SECRET|PASSWORD|ACCESS_KEY_ID|ACCESS_KEY)$/;

/** What is dangerous about a variable, going on after its name; undefined where nothing is. */
export function dangerOfVariable(name: string): string | undefined {
  if (Object.hasOwn(dangerousVariables, name)) return dangerousVariables[name];
  if (isPermission(name)) return "allows what vLLM forbids";
  if (isTrustVariable(name)) return "lets a model bring code that the engine runs";
  return secretName.test(name) ? "is for a secret, which everybody who may read pods would see" : undefined;
}
