import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulationFolder, writePrivately } from "../../../tools/simulator/folder";
import { temporaryFolder } from "./harness";

describe("the folder of a simulated environment", () => {
  it.each(["", ".", "..", "a/b", "../a", "-a", "a-", "A", "a_b", "a.b", "a b", "ä", "a\n", "a".repeat(64)])(
    "is refused for the name %j",
    (name) => {
      expect(() => simulationFolder(temporaryFolder(), name)).toThrow(/cannot be the name of a simulated environment/);
    },
  );

  it("is .modelyard/<environment> for every DNS label, with everything but the lock inside", () => {
    const root = temporaryFolder();
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/), (name) => {
        const { environment, lock, path: own, ...inside } = simulationFolder(root, name);
        expect(environment).toBe(name);
        expect(own).toBe(path.join(root, ".modelyard", name));
        for (const each of Object.values(inside)) expect(path.relative(own, each)).not.toMatch(/^(\.\.|$)/);
        expect(lock.startsWith(own + path.sep)).toBe(false);
      }),
    );
  });

  it("is the same however the project was reached", () => {
    const root = temporaryFolder();
    const link = path.join(temporaryFolder(), "link");
    fs.symlinkSync(root, link);
    expect(simulationFolder(link, "local")).toEqual(simulationFolder(root, "local"));
  });
});

describe("a private file", () => {
  it("is readable by its owner only, even in place of one that was not", () => {
    const file = path.join(temporaryFolder(), "sub", "file");
    writePrivately(file, "old");
    fs.chmodSync(file, 0o644);
    writePrivately(file, "new");
    expect(fs.readFileSync(file, "utf8")).toBe("new");
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(file))).toEqual(["file"]);
  });

  it("takes the place of a link instead of writing through it", () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "target");
    const file = path.join(folder, "file");
    fs.writeFileSync(target, "kept");
    fs.symlinkSync(target, file);
    writePrivately(file, "new");
    expect(fs.readFileSync(target, "utf8")).toBe("kept");
  });
});
