import { parseArgs } from "node:util";
import { nearest } from "../../catalog/suggest";
import { EnvironmentError } from "../../environment";
import { PlanError } from "../../stacks/read-plan";
import { terminalProgress } from "../report/progress";
import { MissingPartsError } from "../run/parts";
import { PulumiError } from "../run/pulumi";
import { SimulatorError } from "../simulator";
import { UsageError, type Command, type ExitCode, type Terminal } from "./command";
import { check } from "./check";
import { destroy } from "./destroy";
import { doctor } from "./doctor";
import { explain } from "./explain";
import { fit } from "./fit";
import { plan } from "./plan";
import { preview } from "./preview";
import { up } from "./up";

const commands: Readonly<Record<string, Command>> = { plan, fit, check, explain, preview, up, destroy, doctor };

/** Runs one command and ends the process with its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const terminal: Terminal = {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    progress: terminalProgress(process.stderr),
  };
  // A reader that closes the pipe early (`| head`) has what it wanted.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  // Who stops listening to progress does not stop the work; unhandled, the error would be reported to the same place.
  process.stderr.on("error", () => undefined);
  process.exitCode = await dispatch(args, terminal);
}

/** Runs one command and gives its exit code; whatever goes wrong is said on the terminal. */
export async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    const [name, ...rest] = args;
    if (name === undefined || name === "help" || name === "--help" || name === "-h") {
      terminal.out(help());
      return name === undefined ? 2 : 0;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(unknownCommand(name));
    return await runCommand(name, command, rest, terminal);
  } catch (error) {
    return report(error, terminal);
  }
}

function runCommand(name: string, command: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const usage = `npx modelyard ${name} ${command.usage}`;
  const { positionals, values } = parse(command, args, usage);
  if (values["help"] === true) {
    terminal.out(`${usage}\n\n${command.summary}`);
    return Promise.resolve(0);
  }
  const { least, most } = command.operands ?? { least: 1, most: 1 };
  const [first = "", ...more] = positionals;
  if (positionals.length < least)
    throw new UsageError(
      `${name} needs ${command.operands === undefined ? "the name of an environment" : "to be told what"}.\n    ${usage}`,
    );
  const surplus = positionals[most];
  if (surplus !== undefined)
    throw new UsageError(
      `${name} takes ${most === 1 ? "one environment" : `${most} words`}; ${JSON.stringify(surplus)} is too much.\n    ${usage}`,
    );
  return command.run(first, values, terminal, more);
}

function parse(command: Command, args: readonly string[], usage: string) {
  try {
    const options = { ...command.options, help: { type: "boolean", short: "h" } } as const;
    const { positionals, values } = parseArgs({ args: withNegatives(args), options, allowPositionals: true });
    const single = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Array.isArray(value) ? value.at(-1) : value]),
    );
    return { positionals, values: single };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n    ${usage}`);
  }
}

/** `--concurrency -5` as `--concurrency=-5`: a negative number is a value, which the command itself refuses with its reason. */
function withNegatives(args: readonly string[]): string[] {
  return args.reduce<string[]>((joined, arg) => {
    const option = joined.at(-1);
    const negative = /^-\d/.test(arg) && option !== undefined && /^--[^=]+$/.test(option);
    return negative ? [...joined.slice(0, -1), `${option}=${arg}`] : [...joined, arg];
  }, []);
}

/** Errors whose message says all there is to say. */
const forPeople = [EnvironmentError, UsageError, MissingPartsError, SimulatorError, PulumiError];

function report(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof PlanError) {
    terminal.err(error.message);
    return 1;
  }
  if (forPeople.some((kind) => error instanceof kind) && error instanceof Error) {
    terminal.err(error.message);
    return 2;
  }
  const known = error instanceof Error;
  terminal.err(`Modelyard itself failed: ${known ? error.message : String(error)}`);
  const trace = known && process.env["MODELYARD_DEBUG"] !== undefined ? error.stack : undefined;
  terminal.err(trace ?? "    This is a defect. Set MODELYARD_DEBUG=1 to see where it happened.");
  return 2;
}

function unknownCommand(name: string): string {
  const meant = nearest(name, Object.keys(commands));
  return `there is no command ${JSON.stringify(name)}.\n    ${meant === undefined ? "See `npx modelyard help`." : `Did you mean ${JSON.stringify(meant)}?`}`;
}

function help(): string {
  const lines = Object.entries(commands).map(
    ([name, command]) => `  ${`${name} ${command.usage}`.padEnd(44)}${command.summary}`,
  );
  return ["An LLM serving platform as one typed Pulumi program.", "", "npx modelyard <command>", "", ...lines].join(
    "\n",
  );
}
