import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findInstalled } from "../../../../tools/run/parts/installed";
import type { Recipe } from "../../../../tools/run/parts/part";
import { exactly } from "../../../../tools/run/parts/version-rule";
import { Machine, programText, toyProgram, toyRecipe, writeProgram } from "./fixtures";

const pair = (): Recipe => toyRecipe({ programs: [toyProgram("kwok"), toyProgram("kwokctl")] });

describe("an installed part", () => {
  it("is found when all its programs are on PATH in an accepted version, which it carries", async () => {
    const machine = new Machine();
    const kwok = machine.install("kwok", programText("0.8.3"));
    const kwokctl = machine.install("kwokctl", programText("0.8.3"));
    const found = await findInstalled(pair(), machine);
    expect(found).toEqual({ name: "kwok", version: "0.8.3", from: "path", files: { kwok, kwokctl } });
  });

  it.each<[string, (machine: Machine) => void, RegExp]>([
    ["is not there at all", () => undefined, /^not on PATH: kwok, kwokctl$/],
    ["lacks one program", (machine) => machine.install("kwok", programText("0.8.0")), /^not on PATH: kwokctl$/],
    [
      "has one program in another minor version",
      (machine) => {
        machine.install("kwok", programText("0.8.0"));
        machine.install("kwokctl", programText("0.7.0"));
      },
      /kwokctl is 0\.7\.0, not 0\.8\.x$/,
    ],
    [
      "has a program that fails",
      (machine) => {
        machine.install("kwok", programText("0.8.0"));
        machine.install("kwokctl", "#!/bin/sh\necho no such library >&2\nexit 127\n");
      },
      /kwokctl does not work: .* failed with exit code 127: no such library$/,
    ],
    [
      "has a program that does not say its version",
      (machine) => {
        machine.install("kwok", "#!/bin/sh\necho hello\n");
        machine.install("kwokctl", programText("0.8.0"));
      },
      /kwok does not say its version but "hello/,
    ],
    [
      "has a file of that name that is not executable",
      (machine) => fs.chmodSync(machine.install("kwok", programText("0.8.0")), 0o644),
      /^not on PATH: kwok, kwokctl$/,
    ],
  ])("is refused when it %s", async (_title, prepare, reason) => {
    const machine = new Machine();
    prepare(machine);
    expect(await findInstalled(pair(), machine)).toEqual({ reason: expect.stringMatching(reason) });
  });

  it("is not looked for in folders of PATH that depend on where one stands", async () => {
    const machine = new Machine();
    machine.install("kwok", programText("0.8.0"));
    const environment = { ...machine.environment, PATH: `.:${path.relative(process.cwd(), machine.bin)}` };
    expect(await findInstalled(toyRecipe(), { environment })).toEqual({ reason: "not on PATH: kwok" });
  });
});

/** A provider as the engine sees it: prints its port, answers GetPluginInfo in HTTP/2 frames. */
function pluginText(version: string): string {
  return `#!${process.execPath}
const server = require("node:http2").createServer();
server.on("stream", (stream, headers) => {
  if (headers[":path"] !== "/pulumirpc.ResourceProvider/GetPluginInfo") return stream.close(1);
  const version = Buffer.from(${JSON.stringify(version)});
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, version.length + 2, 10, version.length]), version]));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;
}

describe("an installed provider", () => {
  const name = "pulumi-resource-kubernetes";
  const recipe = (): Recipe =>
    toyRecipe({
      name: "kubernetes-provider",
      version: "4.25.0",
      programs: [{ name, ask: "plugin-protocol", version: "4.25.0", accepts: exactly("4.25.0") }],
      pluginFolder: "resource-kubernetes-v4.25.0",
    });
  const pluginFile = (home: string): string => path.join(home, "plugins", "resource-kubernetes-v4.25.0", name);

  it("is found on PATH, and asked for its version as the engine does", async () => {
    const machine = new Machine();
    const file = machine.install(name, pluginText("4.25.0"));
    expect(await findInstalled(recipe(), machine)).toMatchObject({ version: "4.25.0", files: { [name]: file } });
  });

  it("is found in the plugin folder of the user's Pulumi when PATH has another version", async () => {
    const machine = new Machine();
    machine.install(name, pluginText("4.24.0"));
    const file = writeProgram(pluginFile(path.join(machine.root, "home", ".pulumi")), pluginText("4.25.0"));
    expect(await findInstalled(recipe(), machine)).toMatchObject({ files: { [name]: file } });
  });

  it("is found in PULUMI_HOME", async () => {
    const machine = new Machine();
    const file = writeProgram(pluginFile(path.join(machine.root, "pulumi-home")), pluginText("4.25.0"));
    const environment = { ...machine.environment, PULUMI_HOME: path.join(machine.root, "pulumi-home") };
    expect(await findInstalled(recipe(), { environment })).toMatchObject({ files: { [name]: file } });
  });

  it("does not count while Pulumi is still installing it", async () => {
    const machine = new Machine();
    const file = writeProgram(pluginFile(path.join(machine.root, "home", ".pulumi")), pluginText("4.25.0"));
    fs.writeFileSync(`${path.dirname(file)}.partial`, "");
    expect(await findInstalled(recipe(), machine)).toEqual({ reason: `not on PATH: ${name}` });
  });

  it("is refused when it ends without a port, with its last words", async () => {
    const machine = new Machine();
    machine.install(name, "#!/bin/sh\necho cannot start >&2\n");
    expect(await findInstalled(recipe(), machine)).toEqual({ reason: expect.stringContaining("cannot start") });
  });
});
