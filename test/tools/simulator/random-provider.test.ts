import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { CheckResult, CreateResult, DiffResult } from "@pulumi/pulumi/provider";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import randomPackage from "@pulumi/random/package.json";
import { randomProvider, randomVersion, writeRandomProvider } from "../../../tools/simulator/random-provider";
import { temporaryFolder } from "./harness";

const type = "random:index/randomPassword:RandomPassword";
const urn = `urn:pulumi:local::modelyard::modelyard:secrets:GeneratedSecret$${type}::key`;
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

async function check(news: object, of = urn): Promise<CheckResult> {
  const result = await randomProvider.check?.(of, {}, news);
  if (!result) throw new Error("check is missing");
  return result;
}

async function diff(olds: object, news: object): Promise<DiffResult> {
  const result = await randomProvider.diff?.("none", urn, olds, news);
  if (!result) throw new Error("diff is missing");
  return result;
}

async function create(inputs: object): Promise<CreateResult> {
  const result = await randomProvider.create?.(urn, inputs);
  if (!result) throw new Error("create is missing");
  return result;
}

const Password = z.object({ result: z.object({ value: z.string() }) });

async function passwordOf(inputs: object): Promise<string> {
  return Password.parse((await create(inputs)).outs).result.value;
}

describe("the stand-in for the provider random", () => {
  it("stands in for the version of the SDK that is installed", () => {
    expect(randomVersion).toBe(randomPackage.version);
    expect(randomProvider.version).toBe(randomVersion);
  });

  it("makes a password that is secret, and fills in the real provider's defaults", async () => {
    const { id, outs } = await create({ length: 20, special: false });
    expect(id).toBe("none");
    expect(outs).toEqual({
      length: 20,
      lower: true,
      upper: true,
      numeric: true,
      number: true,
      special: false,
      minLower: 0,
      minUpper: 0,
      minNumeric: 0,
      minSpecial: 0,
      result: secret(expect.stringMatching(/^[A-Za-z0-9]{20}$/)),
    });
  });

  it.each([
    [{ length: 8, upper: false, numeric: false, special: false }, /^[a-z]{8}$/],
    [{ length: 8, lower: false, number: false, special: false }, /^[A-Z]{8}$/],
    [{ length: 8, lower: false, upper: false, numeric: false, overrideSpecial: "#" }, /^#{8}$/],
    [{ length: 4, minSpecial: 4, overrideSpecial: "." }, /^\.{4}$/],
    [{ length: secret(6), lower: secret(false), upper: false, special: false }, /^\d{6}$/],
  ])("honours %j", async (inputs, expected) => {
    expect(await passwordOf(inputs)).toMatch(expected);
  });

  it("keeps secret inputs secret in its outputs", async () => {
    const keepers = { token: secret("hush") };
    expect((await create({ length: secret(8), keepers })).outs).toMatchObject({ length: secret(8), keepers });
  });

  it.each([
    [{}, [{ property: "length", reason: "is required" }]],
    [{ length: "8" }, [{ property: "length", reason: "must be a number" }]],
    [
      { length: 8, lower: 1, keepers: [] },
      [
        { property: "lower", reason: "must be true or false" },
        { property: "keepers", reason: "must be a map" },
      ],
    ],
    [{ length: secret(0) }, [{ property: "length", reason: "must be a whole number of at least 1" }]],
    [
      { length: 8, number: true, numeric: false },
      [{ property: "number", reason: "is the old name of numeric, and the two differ: remove number" }],
    ],
    [{ length: 8 }, []],
    [{ length: unknown, minLower: 50 }, []],
    [{ length: 8, keepers: unknown }, []],
  ])("checks %j", async (news, failures) => {
    expect(await check(news)).toEqual({ inputs: news, failures });
  });

  it.each(["random:index/randomString:RandomString", "random:index/randomId:RandomId"])("refuses %s", async (other) => {
    const { failures } = await check({ length: 8 }, `urn:pulumi:local::modelyard::${other}::x`);
    expect(failures).toEqual([
      {
        property: "",
        reason: expect.stringContaining(`not ${other}; install the real provider with: pulumi plugin install`),
      },
    ]);
  });

  it("sees no change where only defaults were filled in, secrets are marked or keepers are in another order", async () => {
    const { outs } = await create({ length: 8, keepers: { a: "1", b: "2" } });
    const olds = z.record(z.string(), z.unknown()).parse(outs);
    for (const news of [
      { length: 8, keepers: { b: "2", a: "1" } },
      { length: secret(8), special: true, keepers: { a: secret("1"), b: "2" } },
      { length: 8, number: true, overrideSpecial: "", keepers: { a: "1", b: "2" } },
    ]) {
      expect(await diff(olds, news)).toEqual({ changes: false, replaces: [] });
    }
  });

  it.each([
    [{ length: 9 }, ["length"]],
    [{ lower: false }, ["lower"]],
    [{ upper: false }, ["upper"]],
    [{ numeric: false }, ["numeric", "number"]],
    [{ number: false }, ["numeric", "number"]],
    [{ special: false }, ["special"]],
    [{ minLower: 1 }, ["minLower"]],
    [{ minUpper: 1 }, ["minUpper"]],
    [{ minNumeric: 1 }, ["minNumeric"]],
    [{ minSpecial: 1 }, ["minSpecial"]],
    [{ overrideSpecial: "#" }, ["overrideSpecial"]],
    [{ keepers: { a: "2" } }, ["keepers"]],
    [{ keepers: undefined }, ["keepers"]],
    [{ keepers: { a: unknown } }, ["keepers"]],
    [{ length: unknown }, ["length"]],
  ])("replaces the password when %j", async (changed, replaces) => {
    const before = { length: 8, keepers: { a: "1" } };
    const olds = z.record(z.string(), z.unknown()).parse((await create(before)).outs);
    expect(await diff(olds, { ...before, ...changed })).toEqual({ changes: true, replaces });
  });

  it("is written as a plugin that starts and prints its port", async () => {
    const folder = path.join(temporaryFolder(), "resource-random");
    writeRandomProvider(folder);
    const plugin = spawn(path.join(folder, "pulumi-resource-random"), ["127.0.0.1:1"]);
    try {
      const output = new Promise<string>((resolve, reject) => {
        plugin.stdout.once("data", (data: Buffer) => {
          resolve(data.toString());
        });
        plugin.once("exit", (code) => {
          reject(new Error(`it ended with ${code}`));
        });
      });
      expect(await output).toMatch(/^\d+\n$/);
    } finally {
      plugin.kill("SIGKILL");
    }
  });

  it("is written anew in place of a link, not through it", () => {
    const folder = temporaryFolder();
    const real = path.join(folder, "real");
    fs.writeFileSync(real, "the real one");
    fs.symlinkSync(real, path.join(folder, "pulumi-resource-random"));
    writeRandomProvider(folder);
    expect(fs.readFileSync(real, "utf8")).toBe("the real one");
  });
});
