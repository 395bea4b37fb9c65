import { environmentNames } from "../../environment";
import { findParts, isMissing, versions } from "../run/parts";
import { table } from "../report/table";
import type { Command } from "./command";
import { root } from "./root";

export const doctor: Command = {
  summary: "What is installed, what is missing, and how to get it. Checks the cache against its checksums.",
  usage: "",
  operands: { least: 0, most: 0 },
  options: {},
  async run(_first, _options, terminal) {
    const parts = await findParts(["pulumi", "kubernetes-provider", "control-plane", "kwok"], {
      progress: terminal.progress,
      checksums: true,
    });
    const rows = parts.map((part) =>
      isMissing(part)
        ? [part.name, part.version, "missing", part.homepage]
        : [part.name, part.version, `found: ${part.from}`, Object.values(part.files)[0] ?? ""],
    );
    const missing = parts.filter(isMissing);
    terminal.out(`Node ${process.versions.node}; environments: ${environmentNames(root).join(", ")}\n`);
    terminal.out(table([{ title: "part" }, { title: "version" }, { title: "state" }, { title: "where" }], rows));
    terminal.out(
      missing.length === 0
        ? "\nEverything is here."
        : `\n${missing.length} missing: \`npm start\` fetches or builds them (Pulumi ${versions.pulumi} and what goes with it).`,
    );
    return missing.length === 0 ? 0 : 1;
  },
};
