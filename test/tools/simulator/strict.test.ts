import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { applyStrictly, type StrictAnswer } from "../../../tools/simulator/strict";
import { FakeApi, script, temporaryFolder } from "./harness";

const namespace = "kind: Namespace\nmetadata: { name: serving }\n";
const service = "kind: Service\nmetadata: { name: chat }\n";

/** Asks about the manifests with a kubectl that is this shell script. */
function ask(
  api: FakeApi,
  files: Readonly<Record<string, string>>,
  ...kubectl: readonly string[]
): Promise<StrictAnswer> {
  const folder = temporaryFolder();
  const manifests = path.join(folder, "manifests");
  fs.mkdirSync(manifests);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(manifests, name), text);
  const simulation = { folder, kubeconfig: path.join(folder, "kubeconfig") };
  return applyStrictly({ simulation, kubectl: script(path.join(folder, "kubectl"), ...kubectl), manifests }, api);
}

describe("asking the API server about manifests", () => {
  it("gives what it takes and what it says about the others", async () => {
    const lines = ["echo service/chat", "echo 'Warning: old' >&2", "echo 'Error: unknown field' >&2", "exit 1"];
    expect(await ask(new FakeApi({}), { "a.yaml": service }, ...lines)).toEqual({
      accepted: ["service/chat"],
      problems: ["Warning: old", "Error: unknown field"],
    });
  });

  it("is strict about fields, keeps nothing, and leaves the user's own kubectl settings alone", async () => {
    const { accepted } = await ask(new FakeApi({}), { "a.yaml": service }, 'echo "$*"');
    expect(accepted[0]).toMatch(
      /^apply --kubeconfig \S+\/kubeconfig --cache-dir \S+\/kubectl .*--dry-run=server --validate=strict/,
    );
  });

  it("is a problem when kubectl fails without a word", async () => {
    expect((await ask(new FakeApi({}), {}, "exit 3")).problems).toEqual(["kubectl ended with exit code 3"]);
  });

  it("makes the namespaces among them first, and nothing else", async () => {
    const api = new FakeApi({});
    await ask(api, { "0.yaml": `${service}---\n${namespace}`, "notes.txt": namespace });
    expect(api.applied.map(({ path: at }) => at)).toEqual(["/api/v1/namespaces/serving"]);
  });
});
