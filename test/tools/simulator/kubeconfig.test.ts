import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { adminAccess, readKubeconfig, writeKubeconfig } from "../../../tools/simulator/kubeconfig";
import { temporaryFolder } from "./harness";

const access = { server: "https://127.0.0.1:20003", certificateAuthority: "CA\n", certificate: "CRT\n", key: "KEY\n" };
const Contexts = z.object({
  "current-context": z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
});

describe("a kubeconfig", () => {
  it("has one context, current, with the name that the environment gives its cluster", () => {
    const file = path.join(temporaryFolder(), "kubeconfig");
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        writeKubeconfig(file, name, access);
        const read = Contexts.parse(parse(fs.readFileSync(file, "utf8")));
        expect(read).toEqual({ "current-context": name, contexts: [{ name, context: { cluster: name, user: name } }] });
        expect(readKubeconfig(file)).toEqual(access);
      }),
      { numRuns: 50 },
    );
  });

  it("is readable by its owner only", () => {
    const file = path.join(temporaryFolder(), "kubeconfig");
    writeKubeconfig(file, "local", access);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it("is not written again when nothing has changed", () => {
    const file = path.join(temporaryFolder(), "kubeconfig");
    writeKubeconfig(file, "local", access);
    const { ino } = fs.statSync(file);
    writeKubeconfig(file, "local", access);
    expect(fs.statSync(file).ino).toBe(ino);
    writeKubeconfig(file, "other", access);
    expect(fs.readFileSync(file, "utf8")).toContain("current-context: other");
  });

  it.each([["nothing"], ["clusters: []"], ["{"], [undefined]])("of another kind is refused: %j", (text) => {
    const file = path.join(temporaryFolder(), "kubeconfig");
    if (text !== undefined) fs.writeFileSync(file, text);
    expect(() => readKubeconfig(file)).toThrow(`${file} is not the kubeconfig of a simulated cluster.`);
  });

  it("uses the administrator's certificate that kwokctl made", () => {
    const folder = temporaryFolder();
    fs.mkdirSync(path.join(folder, "pki"));
    for (const [name, text] of Object.entries({ "ca.crt": "CA\n", "admin.crt": "CRT\n", "admin.key": "KEY\n" })) {
      fs.writeFileSync(path.join(folder, "pki", name), text);
    }
    expect(adminAccess(folder, 20_003)).toEqual(access);
  });
});
