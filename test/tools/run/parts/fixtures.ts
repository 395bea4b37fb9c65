import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { Progress } from "../../../../tools/report/progress";
import { findOnPath } from "../../../../tools/run/parts/installed";
import type { Context } from "../../../../tools/run/parts/obtain";
import { operatorRecipes } from "../../../../tools/run/parts/operator-recipes";
import type { Download, PartName, Program, ProgramName, Recipe } from "../../../../tools/run/parts/part";
import { sameMinor } from "../../../../tools/run/parts/version-rule";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "parts-test-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The smallest program that says its version. */
export function programText(version: string, name = "kwok"): string {
  return `#!/bin/sh\necho "${name} version v${version}"\n`;
}

export function writeProgram(file: string, text: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode: 0o755 });
  return file;
}

export function toyProgram(name: ProgramName = "kwok", version = "0.8.0"): Program {
  return { name, ask: ["--version"], version, accepts: sameMinor(version) };
}

/** A Go module as far as the cache key looks at it. */
export function toyModule(): string {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, "go.mod"), "module toy\n\ngo 1.26\n");
  fs.writeFileSync(path.join(folder, "go.sum"), "");
  fs.writeFileSync(path.join(folder, "main.go"), "package main\n");
  return folder;
}

/** A part of one program, kwok 0.8.0, of which nothing is published. */
export function toyRecipe(changes: Partial<Recipe> = {}): Recipe {
  return {
    name: "kwok",
    title: "the toy",
    version: "0.8.0",
    homepage: "https://toy.example/install",
    programs: [toyProgram()],
    download: { kind: "files", files: [], seconds: 1 },
    build: {
      module: toyModule(),
      packages: ["."],
      variables: { "main.Version": "v0.8.0" },
      output: "kwok",
      seconds: 1,
    },
    ...changes,
  };
}

/** Progress that remembers what it was told: "start building …", "done building …", "fail building …: reason". */
export class RecordingProgress implements Progress {
  readonly lines: string[] = [];

  step(title: string): ReturnType<Progress["step"]> {
    this.lines.push(`start ${title}`);
    return {
      note: (text) => void this.lines.push(`note ${text}`),
      done: () => void this.lines.push(`done ${title}`),
      fail: (reason) => void this.lines.push(`fail ${title}: ${reason}`),
    };
  }
}

/** What the scripts of these tests call, besides the shell's own commands. */
const shellTools = ["cat", "chmod", "gzip", "mkdir", "mv", "sleep", "tar"];

/** A machine of its own: an empty home and cache, and nothing on PATH of what the real machine has installed. */
export class Machine {
  readonly root = temporaryFolder();
  readonly cache = path.join(this.root, "cache");
  readonly bin = path.join(this.root, "bin");
  readonly goCalls = path.join(this.root, "go-calls");
  readonly progress = new RecordingProgress();
  private readonly controller = new AbortController();
  environment: NodeJS.ProcessEnv = {
    HOME: path.join(this.root, "home"),
    PATH: this.bin,
    MODELYARD_CACHE: this.cache,
    MODELYARD_OFFLINE: "1",
    GO_CALLS: this.goCalls,
  };

  constructor() {
    fs.mkdirSync(this.bin);
    for (const tool of shellTools) {
      const real = findOnPath(tool, process.env);
      if (real === undefined) throw new Error(`these tests need ${tool} on PATH`);
      fs.symlinkSync(real, path.join(this.bin, tool));
    }
  }

  context(recipe: Recipe, others: Partial<Record<PartName, Recipe>> = {}): Context {
    return {
      table: {
        ...operatorRecipes(),
        ...{ pulumi: recipe, "kubernetes-provider": recipe, "control-plane": recipe, kwok: recipe },
        ...others,
      },
      progress: this.progress,
      environment: this.environment,
      signal: this.controller.signal,
    };
  }

  stop(): void {
    this.controller.abort(new Error("stopped by the test"));
  }

  install(name: string, text: string): string {
    return writeProgram(path.join(this.bin, name), text);
  }

  /**
   * A "go" that writes its calls and settings down and builds shell scripts: what -o names becomes
   * a program that says $BUILT_VERSION. `before` runs in "go build" before it writes anything.
   */
  installGo(before = ""): void {
    this.install(
      "go",
      `#!/bin/sh
echo "$* | $GOFLAGS | $GOWORK | $CGO_ENABLED | $GO111MODULE | $PWD" >> "$GO_CALLS"
if [ "$1" = version ]; then echo "go version go1.26.8 linux/amd64"; exit 0; fi
while [ "$1" != -o ]; do shift; done
${before}
echo "go: downloading example.com/a v1.0.0" >&2
echo "example.com/a" >&2
cat > "$2" <<END
#!/bin/sh
echo "kwok version v\${BUILT_VERSION:-0.8.0}"
END
chmod +x "$2"
`,
    );
  }

  /** How often "go build" was called. */
  builds(): number {
    if (!fs.existsSync(this.goCalls)) return 0;
    const calls = fs.readFileSync(this.goCalls, "utf8").split("\n");
    return calls.filter((call) => call.startsWith("build ")).length;
  }

  /** The names in the cache, below parts/ and locks/. */
  kept(): string[] {
    const folders = ["parts", "locks"].map((name) => path.join(this.cache, name));
    return folders.flatMap((folder) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []));
  }
}

/** A web server on this machine, gone after the test. @returns its address without a final slash */
export async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

/** Serves files by path; everything else is 404. */
export function serveFiles(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  return serve((request, response) => {
    const content = files[request.url ?? ""];
    if (content === undefined) response.writeHead(404).end("not found");
    else response.end(content);
  });
}

/** The download of the toy from an address. */
export function toyDownload(url: string, checksums?: string): Download {
  const file = { program: "kwok", url, ...(checksums === undefined ? {} : { checksums }) } as const;
  return { kind: "files", files: [file], seconds: 1 };
}

/** Waits until something holds, for what another process does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
