import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rule } from "../../policies/rule";
import { modelNoTrustRemoteCode } from "../../policies/rules/engines/model-no-trust-remote-code";
import { vllmNoDevEndpoints } from "../../policies/rules/engines/vllm-no-dev-endpoints";
import { vllmNoUnsafeEnv } from "../../policies/rules/engines/vllm-no-unsafe-env";
import { clean, outcome, type Fields } from "./fixtures/fixture";

const harmlessWord = fc.constantFrom(
  "--port=8000",
  "--no-enable-log-requests",
  "--max-model-len=16384",
  "--no-trust-remote-code",
  "--trust-remote-code=false",
  "--no-enable-tokenizer-info-endpoint",
  '--hf-overrides={"rope_theta": 1, "text": {"trust_remote_code": false}}',
  '--served-model-name=it\'s a "model" for $5',
  "--chat-template=\\path#1;a&b|c<d>e(f)`g`{h,i}",
);
const harmless = fc.array(harmlessWord, { maxLength: 6 });

/** A flag whose every `-` is a `-` or a `_`: the engine takes both. */
function spelled(name: string): fc.Arbitrary<string> {
  const words = name.split("-");
  const joints = fc.array(fc.constantFrom("-", "_"), { minLength: words.length, maxLength: words.length });
  return joints.map(
    (between) =>
      `--${words
        .map((word, index) => (between[index] ?? "") + word)
        .join("")
        .slice(1)}`,
  );
}

/** A word as a shell may be given it: in pieces, each in quotes of some kind, or with escapes. */
function quoted(word: string): fc.Arbitrary<string> {
  const style = fc.constantFrom("single", "double", "escape");
  const pieces = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), style), { minLength: 1, maxLength: 5 });
  return pieces.map((cuts) => {
    let rest = word;
    const parts = cuts.map(([length, kind]) => {
      const piece = rest.slice(0, length);
      rest = rest.slice(length);
      return quotedPiece(piece, kind);
    });
    return parts.join("") + quotedPiece(rest, "single");
  });
}

function quotedPiece(piece: string, style: string): string {
  if (style === "single") return `'${piece.replaceAll("'", `'\\''`)}'`;
  if (style === "double") return `"${piece.replace(/[\\"$`]/g, "\\$&")}"`;
  return piece.replace(/[^\w]/g, "\\$&");
}

const before = fc.constantFrom(
  "",
  "exec ",
  "cd /models && ",
  "ulimit -n 9; A=b ",
  "# start\nenv HOME=/cache ",
  "if true; then ",
);
const shell = fc.constantFrom(
  ["sh", "-c"],
  ["/bin/bash", "-lc"],
  ["bash", "-eu", "-o", "pipefail", "-c"],
  ["tini", "--", "sh", "-ec"],
);

/** Words as a container may run them: as arguments, as its command, or in a script. */
function placed(words: readonly string[]): fc.Arbitrary<Fields> {
  const scripted = fc
    .tuple(before, shell, fc.boolean(), ...words.map(quoted))
    .map(([prefix, program, inArgs, ...parts]) => {
      const script = `${prefix}vllm serve org/model ${parts.join(" ")}`;
      return inArgs
        ? { ...clean, command: program, args: [script] }
        : { ...clean, command: [...program, script], args: [] };
    });
  const literal = words.map((word) => word.replaceAll("$", "$$$$"));
  return fc.oneof(
    fc.constant({ ...clean, args: ["org/model", ...literal] }),
    fc.constant({ ...clean, command: ["vllm", "serve", "org/model", ...literal], args: [] }),
    fc.constant({ ...clean, command: ["python3", "-m", "vllm.entrypoints.openai.api_server"], args: literal }),
    scripted,
  );
}

/** A dangerous word, or several that belong together, among harmless ones. */
function mixed(dangerous: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Fields> {
  return fc.tuple(harmless, dangerous, harmless).chain(([head, middle, tail]) => placed([...head, ...middle, ...tail]));
}

const one = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((word) => [word] as const);

const trust = fc.oneof(
  one(spelled("trust-remote-code")),
  one(fc.tuple(spelled("trust-remote-code"), fc.constantFrom("=true", "=True", "=1")).map((parts) => parts.join(""))),
  one(fc.constantFrom("trust-rem", "trust-remote-c").chain(spelled)),
  fc.tuple(
    spelled("hf-overrides"),
    fc.constantFrom('{"trust_remote_code": true}', '{"a": [{"trust-remote-code": 1}]}'),
  ),
  fc.tuple(
    spelled("hf-overrides").map((flag) => `${flag}.vision.trust_remote_code`),
    fc.constant("true"),
  ),
  fc.tuple(fc.constant("--config"), fc.constant("/etc/engine.yaml")),
);
const development = fc.oneof(
  one(spelled("enable-tokenizer-info-endpoint")),
  fc.tuple(spelled("profiler-config"), fc.constant('{"profiler": "torch"}')),
  one(spelled("profiler-config").map((flag) => `${flag}.profiler=torch`)),
);

describe("wherever a dangerous flag stands, however it is written", () => {
  test.each<[string, Rule, fc.Arbitrary<readonly string[]>]>([
    ["trust in remote code", modelNoTrustRemoteCode, trust],
    ["development endpoints", vllmNoDevEndpoints, development],
  ])("the rule finds %s", (_what, rule, dangerous) => {
    fc.assert(
      fc.property(mixed(dangerous), (container) => {
        expect(outcome(rule, { container }).state).toBe("violation");
      }),
      { numRuns: 300 },
    );
  });

  test("the rules find dangerous variables", () => {
    const variable = fc.constantFrom(
      "VLLM_SERVER_DEV_MODE",
      "VLLM_ALLOW_INSECURE_SERIALIZATION",
      "HF_HUB_TRUST_REMOTE_CODE",
    );
    const how = fc.constantFrom("env", "prefix", "export");
    fc.assert(
      fc.property(variable, how, fc.constantFrom("1", "true", "yes"), (name, where, value) => {
        const scripts = {
          prefix: `${name}=${value} vllm serve m`,
          export: `set -e\nexport ${name}="${value}"\nvllm serve m`,
        };
        const container =
          where === "env"
            ? { ...clean, env: [{ name, value }] }
            : { ...clean, command: ["sh", "-c"], args: [scripts[where === "prefix" ? "prefix" : "export"]] };
        const states = [modelNoTrustRemoteCode, vllmNoDevEndpoints, vllmNoUnsafeEnv].map(
          (rule) => outcome(rule, { container }).state,
        );
        expect(states.filter((state) => state === "violation")).toHaveLength(1);
      }),
    );
  });
});

test("harmless flags break no rule, wherever they stand and however they are quoted", () => {
  fc.assert(
    fc.property(harmless.chain(placed), (container) => {
      for (const rule of [modelNoTrustRemoteCode, vllmNoDevEndpoints, vllmNoUnsafeEnv])
        expect(outcome(rule, { container })).toEqual({ state: "pass" });
    }),
    { numRuns: 300 },
  );
});
