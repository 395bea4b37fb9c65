import { describe, expect, it } from "vitest";
import {
  exactly,
  parseVersion,
  sameMajorAtLeast,
  sameMinor,
  versionText,
} from "../../../../tools/run/parts/version-rule";

describe("a version in what a program prints", () => {
  it.each([
    ["v3.246.0\n", "3.246.0"],
    ["Client Version: v1.35.4\nKustomize Version: v5.7.1", "1.35.4"],
    ["etcd Version: 3.6.5\nGit SHA: 4e814e2\nGo Version: go1.24.11", "3.6.5"],
    ["kwok version v0.8.0 go1.26.8 (linux/amd64)", "0.8.0"],
    ["Client Version: v1.32.4-dispatcher", "1.32.4-dispatcher"],
    ["Kubernetes v1.35.2+k3s1", "1.35.2+k3s1"],
    ["3.247.0-alpha.1763000000+dirty", "3.247.0-alpha.1763000000+dirty"],
  ])("%j is %s", (output, version) => {
    const found = parseVersion(output);
    expect(found && versionText(found)).toBe(version);
  });

  it.each(["", "command not found", "127.0.0.1.5", "go1.26"])("is not in %j", (output) => {
    expect(parseVersion(output)).toBeUndefined();
  });
});

describe.each([
  [exactly("4.25.0"), ["4.25.0"], ["4.25.1", "4.24.0", "4.25.0-alpha.1"]],
  [sameMinor("1.35.4"), ["1.35.0", "1.35.4", "1.35.9-eks-3abbec1", "1.35.1+k3s1"], ["1.34.4", "1.36.0", "2.35.4"]],
  [sameMajorAtLeast("3.246.0"), ["3.246.0", "3.246.1", "3.300.0"], ["3.245.9", "4.0.0", "2.300.0"]],
])("the rule $text", (rule, accepted, refused) => {
  it.each(accepted)("accepts %s", (text) => {
    const version = parseVersion(text);
    expect(version && rule.accepts(version)).toBe(true);
  });
  it.each(refused)("refuses %s", (text) => {
    const version = parseVersion(text);
    expect(version && rule.accepts(version)).toBe(false);
  });
});

describe("a rule for something that is no version", () => {
  it("is refused when it is made", () => {
    expect(() => sameMinor("latest")).toThrow('"latest" is not a version of three numbers');
  });
});
