import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ensure } from "../../../../tools/run/parts/obtain";
import type { Download, FileDownload, Recipe } from "../../../../tools/run/parts/part";
import {
  Machine,
  programText,
  serveFiles,
  temporaryFolder,
  toyDownload,
  toyProgram,
  toyRecipe,
  writeProgram,
} from "./fixtures";

/** A machine that may download and has no Go. */
function online(): Machine {
  const machine = new Machine();
  machine.environment = { ...machine.environment, MODELYARD_OFFLINE: undefined };
  return machine;
}

async function downloaded(download: Download, machine = online()): Promise<unknown> {
  const [answer] = await ensure(["kwok"], machine.context(toyRecipe({ download })));
  return answer;
}

const program = programText("0.8.0");
const sum = createHash("sha256").update(program).digest("hex");

describe("a part whose files are published", () => {
  it("is fetched, made executable, started, and kept in the cache", async () => {
    const machine = online();
    const server = await serveFiles({ "/kwok": program });
    const recipe = toyRecipe({ download: toyDownload(`${server}/kwok`) });
    const [first] = await ensure(["kwok"], machine.context(recipe));
    const [second] = await ensure(["kwok"], machine.context(recipe));
    expect(first).toMatchObject({ from: "download", version: "0.8.0" });
    expect(second).toMatchObject({ from: "cache" });
    expect(machine.kept()).toHaveLength(1);
    expect(machine.progress.lines).toContain("note kwok: 0 of 0 MB");
  });

  it.each([
    ["a file with the sum alone", `${sum}\n`],
    ["a line for each file", `${"0".repeat(64)}  other\n${sum}  kwok\n`],
  ])("is accepted when its publisher's sum agrees, in %s", async (_title, sums) => {
    const server = await serveFiles({ "/kwok": program, "/sums": sums });
    expect(await downloaded(toyDownload(`${server}/kwok`, `${server}/sums`))).toMatchObject({ from: "download" });
  });

  it.each<[string, Record<string, string>, string]>([
    ["is not there", {}, "the server answered 404"],
    ["is a page and no program", { "/kwok": "<html>sign in</html>" }, "kwok"],
    ["is another version", { "/kwok": programText("0.8.1") }, "kwok says it is 0.8.1, not 0.8.0"],
    ["does not start", { "/kwok": "#!/bin/sh\nexit 1\n" }, "failed with exit code 1"],
  ])("is refused and leaves nothing when it %s", async (_title, files, reason) => {
    const machine = online();
    const server = await serveFiles(files);
    const answer = await downloaded(toyDownload(`${server}/kwok`), machine);
    expect(answer).toMatchObject({
      tried: expect.arrayContaining([{ way: "download", reason: expect.stringContaining(reason) }]),
    });
    expect(machine.kept()).toEqual([]);
  });

  it.each([
    ["is not the published one", `${"0".repeat(64)}\n`, "was published"],
    ["is not published", `${sum}  other\n${sum}  another\n`, "holds no sha256 of kwok"],
  ])("is refused when its sum %s", async (_title, sums, reason) => {
    const server = await serveFiles({ "/kwok": program, "/sums": sums });
    expect(await downloaded(toyDownload(`${server}/kwok`, `${server}/sums`))).toMatchObject({
      tried: expect.arrayContaining([{ way: "download", reason: expect.stringContaining(reason) }]),
    });
  });

  it("is taken out of its archive", async () => {
    const folder = temporaryFolder();
    writeProgram(path.join(folder, "toy-v0.8.0", "kwok"), program);
    execFileSync("tar", ["-czf", path.join(folder, "toy.tar.gz"), "-C", folder, "toy-v0.8.0"]);
    const server = await serveFiles({ "/toy.tar.gz": fs.readFileSync(path.join(folder, "toy.tar.gz")) });
    const file = { program: "kwok", url: `${server}/toy.tar.gz`, member: "toy-v0.8.0/kwok" } as const;
    const download: FileDownload = { kind: "files", files: [file], seconds: 1 };
    expect(await downloaded(download)).toMatchObject({ from: "download" });
  });

  it("is not asked for when its server cannot be reached, and no step is shown for it", async () => {
    const machine = online();
    expect(await downloaded(toyDownload("http://127.0.0.1:1/kwok"), machine)).toMatchObject({
      tried: expect.arrayContaining([{ way: "download", reason: "127.0.0.1:1 cannot be reached (ECONNREFUSED)" }]),
    });
    expect(machine.progress.lines).toEqual([]);
  });
});

describe("a part that a command downloads", () => {
  const byPulumi = (origin: string): Download => ({
    kind: "command",
    runs: "pulumi",
    origin,
    arguments: (folder) => ["install", folder],
    environment: (folder) => ({ PULUMI_HOME: folder }),
    programs: { kwok: "plugins/kwok" },
    seconds: 1,
  });
  const pulumi = (): Recipe =>
    toyRecipe({ name: "pulumi", programs: [toyProgram("pulumi", "3.246.0")], version: "3.246.0" });
  const installer = `#!/bin/sh
if [ "$1" = --version ]; then echo 3.246.0; exit 0; fi
[ "$2" = "$PULUMI_HOME" ] || exit 9
mkdir -p "$2/plugins"
printf '${program.replaceAll("\n", "\\n")}' > "$2/plugins/kwok"
chmod +x "$2/plugins/kwok"
`;

  it("is downloaded by the Pulumi CLI that was found, into the cache", async () => {
    const machine = online();
    machine.install("pulumi", installer);
    const recipe = toyRecipe({ download: byPulumi(await serveFiles({})) });
    const [answer] = await ensure(["kwok"], machine.context(recipe, { pulumi: pulumi() }));
    expect(answer).toMatchObject({ from: "download", files: { kwok: expect.stringMatching(/\/plugins\/kwok$/) } });
  });

  it.each([
    ["there is no CLI", undefined, "it is downloaded by the Pulumi CLI, which is missing"],
    [
      "the command fails",
      "#!/bin/sh\n[ $1 = --version ] && echo 3.246.0 && exit\necho no such plugin >&2\nexit 255\n",
      "no such plugin",
    ],
    ["the command leaves nothing", "#!/bin/sh\necho 3.246.0\n", "ENOENT"],
  ])("is missing when %s", async (_title, text, reason) => {
    const machine = online();
    if (text !== undefined) machine.install("pulumi", text);
    const recipe = toyRecipe({ download: byPulumi(await serveFiles({})) });
    const [answer] = await ensure(["kwok"], machine.context(recipe, { pulumi: pulumi() }));
    expect(answer).toMatchObject({
      tried: expect.arrayContaining([{ way: "download", reason: expect.stringContaining(reason) }]),
    });
  });
});
