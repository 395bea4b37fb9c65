import { join } from "node:path";
import { expect, test } from "vitest";
import { requireContext } from "../../stacks/kubeconfig";
import { folderWith } from "../harness/folder";

const place = { file: "stacks/prod.yaml", line: 6, column: 42 };
const kubeconfig = (...names: string[]) =>
  JSON.stringify({ apiVersion: "v1", kind: "Config", contexts: names.map((name) => ({ name, context: {} })) });

test("the context that the environment names is accepted wherever kubectl would find it", () => {
  const folder = folderWith({
    one: kubeconfig("dev"),
    two: kubeconfig("prod"),
    "home/.kube/config": kubeconfig("prod"),
  });
  requireContext("prod", place, { KUBECONFIG: `${join(folder, "one")}:${join(folder, "two")}` });
  requireContext("prod", place, { HOME: join(folder, "home") });
});

test.each([
  ["another context", kubeconfig("prod-osaka"), "Known are: prod-osaka."],
  ["no context", "contexts: null\n", "It has none at all."],
  ["nothing readable", ": : :\n\t", "It has none at all."],
])("a kubeconfig with %s stops the program before it declares anything", (_, content, advice) => {
  const folder = folderWith({ config: content });
  const variables = { KUBECONFIG: join(folder, "config") };
  expect(() => {
    requireContext("prod-tokyo", place, variables);
  }).toThrow(
    `stacks/prod.yaml:6:42: the kubeconfig (${join(folder, "config")}) has no context "prod-tokyo"\n    ${advice}`,
  );
});

test("KUBECONFIG, when it is set, hides the file in the home folder", () => {
  const folder = folderWith({ "home/.kube/config": kubeconfig("prod") });
  const variables = { KUBECONFIG: join(folder, "nowhere"), HOME: join(folder, "home") };
  expect(() => {
    requireContext("prod", place, variables);
  }).toThrow('has no context "prod"');
});
