import { describe, expect, test } from "vitest";
import { EnvironmentError } from "../../environment";
import { load, smallest } from "../harness/environments";

type Written = Readonly<Record<string, unknown>>;

const next = "0123456789abcdef0123456789abcdef01234567";

function withOthers(releases: Written): Written {
  return { ...smallest, releases: { ...smallest.releases, ...releases } };
}

function problemsOf(environment: Written): string {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a release that is like another", () => {
  test("has its settings but for those that it says itself, maps merged key by key", () => {
    const weights = { from: "pvc", claim: "weights", path: "qwen3-8b" };
    const base = { ...smallest.releases.chat, weights };
    const { environment } = load({
      ...smallest,
      releases: {
        chat: base,
        written: { ...base, revision: next, weights: { ...weights, path: "qwen3-8b-next" } },
        canary: { like: "chat", revision: next, weights: { path: "qwen3-8b-next" } },
      },
    });
    expect(environment.releases["canary"]).toEqual(environment.releases["written"]);
    expect(environment.releases["canary"]).not.toEqual(environment.releases["chat"]);
  });

  test("may be like one that is like a third", () => {
    const { environment } = load(withOthers({ b: { like: "chat", context: 4096 }, c: { like: "b", maxSequences: 8 } }));
    expect(environment.releases["c"]).toMatchObject({ model: "Qwen/Qwen3-8B", context: 4096, maxSequences: 8 });
  });

  test("points at the line that says a setting, whoever says it", () => {
    const { locate, written } = load(withOthers({ canary: { like: "chat", context: 4096 } }));
    expect(locate(["releases", "canary", "model"])).toEqual(locate(["releases", "chat", "model"]));
    expect(locate(["releases", "canary", "context"])).not.toEqual(locate(["releases", "chat", "context"]));
    expect(written(["releases", "canary", "revision"])).toEqual(written(["releases", "chat", "revision"]));
    expect(written(["releases", "canary", "maxSequences"])).toBeUndefined();
  });

  test("leaves an environment without any as it is", () => {
    expect(load(smallest).locate(["releases", "chat", "pool"]).line).toBeGreaterThan(1);
  });
});

describe("is refused", () => {
  test.each<[string, Written, string]>([
    ["a name that is none", { b: { like: "chta" } }, 'releases.b.like names the release "chta"'],
    ["what is no name", { b: { like: 3 } }, "releases.b.like names the release 3"],
    ["itself", { b: { like: "b" } }, "`like` goes in a circle: b → b"],
    ["a circle", { b: { like: "c" }, c: { like: "b" } }, "`like` goes in a circle: b → c → b"],
    ["a wrong setting, at its own line", { b: { like: "chat", context: "long" } }, "releases.b.context"],
  ])("%s", (_, releases, said) => {
    expect(problemsOf(withOthers(releases))).toContain(said);
  });

  test("a misspelt name with the one that was meant", () => {
    expect(problemsOf(withOthers({ b: { like: "chta" } }))).toContain('Did you mean "chat"?');
  });
});
