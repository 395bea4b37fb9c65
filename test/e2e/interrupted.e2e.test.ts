import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { simulationOf } from "./checkout";
import { begin, kill, locks, randomNumbers, readState, says, stateFile, victimsOf, workers } from "./interrupting";
import { SimulatedEnvironment } from "./simulated-environment";

const kills = Number(process.env["MODELYARD_KILLS"] ?? "10");
const seed = Number(process.env["MODELYARD_SEED"] ?? Date.now() % 1_000_000);

let local: SimulatedEnvironment;

beforeAll(async () => {
  local = await SimulatedEnvironment.prepare();
});

afterAll(() => local.end());

describe("objects that the environment did not make", () => {
  test("stop `up` before anything is created, each by name, and stay as they are", async () => {
    await local.startCluster();
    await local.kubectl("create", "namespace", "local-serving");
    await local.kubectl("create", "configmap", "notes", "--namespace=local-serving", "--from-literal=kept=yes");
    await local.kubectl("create", "service", "clusterip", "chat", "--namespace=local-serving", "--tcp=80:80");
    const before = await local.kubectl("get", "service/chat", "--namespace=local-serving", "--output=json");
    const { code, stderr } = await local.up();
    expect(stderr).toMatch(
      /2 objects that local would create already exist .*\n {4}Namespace local-serving\n {4}Service chat in local-serving\n/,
    );
    expect(stderr).not.toContain("bringing up");
    expect(code).toBe(2);
    expect(await local.labelled()).toEqual([]);
    expect(await local.kubectl("get", "service/chat", "--namespace=local-serving", "--output=json")).toBe(before);
  });

  test("are not deleted by `destroy`", async () => {
    expect((await local.destroy()).code).toBe(0);
    await local.startCluster();
    expect(await local.kubectl("get", "configmap/notes", "--namespace=local-serving", "--output=name")).toContain(
      "notes",
    );
    expect(await local.labelled()).toEqual([]);
  });

  test("are another environment's when its label says so", async () => {
    await local.kubectl(
      "label",
      "namespace/local-serving",
      "app.kubernetes.io/managed-by=modelyard",
      "modelyard.dev/environment=staging",
    );
    const { code, stderr } = await local.up();
    expect(stderr).toContain("    Namespace local-serving\n");
    expect(code).toBe(2);
    await local.kubectl("delete", "namespace", "local-serving");
  });
});

test("objects with the environment's labels that no state knows are left alone by `destroy`, and taken over by `up`", async () => {
  await local.kubectl("create", "namespace", "local-platform");
  const ours = ["app.kubernetes.io/managed-by=modelyard", `modelyard.dev/environment=${local.name}`];
  await local.kubectl("label", "namespace/local-platform", ...ours);
  const uid = await local.kubectl("get", "namespace/local-platform", "--output=jsonpath={.metadata.uid}");
  const refused = await local.destroy();
  expect(refused.stderr).toContain("this state knows of none:\n    Namespace local-platform");
  expect(refused.code).toBe(2);
  const taken = await local.up();
  expect(taken.stderr).toContain(
    "taking over objects of this environment that its state does not know: Namespace local-platform",
  );
  await local.expectUp(taken);
  expect(await local.kubectl("get", "namespace/local-platform", "--output=jsonpath={.metadata.uid}")).toBe(uid);
});

test("a lost state is made again: keys that are generated anew replace the old ones, and nothing is left over", async () => {
  await local.expectUp(await local.up());
  const before = await local.keysOfCluster();
  expect(before).toEqual(await local.keysOfState());
  local.loseState();
  const taken = await local.up();
  expect(taken.stderr).toMatch(/its state does not know: .*Secret chat-api-key in local-serving/);
  await local.expectUp(taken);
  const after = await local.keysOfCluster();
  expect(after).toEqual(await local.keysOfState());
  expect(Object.keys(after)).toEqual(["chat-api-key", "summary-api-key"]);
  for (const [name, key] of Object.entries(after)) expect(key).not.toBe(before[name]);
  expect((await local.up()).stderr).toContain("nothing changed (29 resources)");
  expect(await local.keysOfCluster()).toEqual(after);

  local.changeStack((text) => text.replace("context: 32768", "context: 16000"));
  const changed = await local.up();
  expect(changed.stderr).toContain("1 updated, 28 unchanged");
  await local.expectUp(changed);
  const managers = await local.kubectl(
    "get",
    "deployment/summary",
    "--namespace=local-serving",
    "--show-managed-fields",
    "--output=jsonpath={.metadata.managedFields[*].manager}",
  );
  expect(managers.match(/pulumi-kubernetes-\w+/g)).toHaveLength(1);
});

test("of two updates at once, the second says for whom it waits, and then runs", async () => {
  const first = begin(local.checkout, ["up", local.name, "--simulate"]);
  await says(first, "previewing");
  const second = begin(local.checkout, ["up", local.name, "--simulate"]);
  const third = begin(local.checkout, ["up", local.name, "--simulate"]);
  expect(await says(third, `waiting for another run (an update of local, process ${first.pid})`)).toBe(true);
  process.kill(third.pid, "SIGINT");
  const stopped = await third.ended;
  expect(stopped.stderr).toContain("Stopped by SIGINT");
  expect(stopped.stderr).not.toContain("defect");
  expect(stopped.code).toBe(2);
  expect(first.isOver()).toBe(false);
  expect((await first.ended).code).toBe(0);
  const { stderr } = await second.ended;
  expect(stderr).toContain(`waiting for another run (an update of local, process ${first.pid})`);
  await local.expectUp(await second.ended);
});

describe.each([
  // In this order: each finds what the one before left.
  ["SIGTERM", "destroy", "destroying"],
  ["SIGINT", "up", "bringing up"],
] as const)("%s in the middle of `%s`", (signal, operation, title) => {
  test("lets Pulumi finish what it has begun, and leaves no process; the next `up` goes on", async () => {
    if (operation === "up") expect((await local.destroy()).code).toBe(0);
    const command = begin(local.checkout, [operation, local.name, "--simulate"]);
    await says(command, title);
    await sleep(700);
    process.kill(command.pid, signal);
    const { code, stderr } = await command.ended;
    expect(stderr).toContain(`Stopped by ${signal}`);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(2);
    expect(workers(local.checkout)).toEqual([]);
    expect(locks(local.checkout, local.name)).toEqual([]);
    expect(readState(local.checkout, local.name).pending).toBe(0);
    await local.expectUp(await local.up());
  });
});

describe("a state that cannot be used", () => {
  test.each([
    ["cut short", (text: string) => text.slice(0, text.length / 2)],
    ["overwritten", () => "\0\0\0\0"],
  ])("because it was %s is kept, and the message leads back to a good copy", async (_how, damage) => {
    const file = stateFile(local.checkout, local.name);
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, damage(whole));
    const damaged = readFileSync(file, "utf8");
    const { code, stderr } = await local.up();
    expect(stderr).toContain("state of local is damaged");
    expect(code).toBe(2);
    expect(readFileSync(file, "utf8")).toBe(damaged);
    const back = /^ +(mv .* && cp .*)$/m.exec(stderr)?.[1];
    expect(back).toBeDefined();
    execFileSync("sh", ["-c", back ?? "false"], { cwd: local.checkout.folder });
    expect(readFileSync(`${file}.damaged`, "utf8")).toBe(damaged);
    await local.expectUp(await local.up());
  });

  test("because its passphrase is another one is not touched, and the message says where the passphrase is", async () => {
    const passphrase = join(simulationOf(local.checkout, local.name), "pulumi/passphrase");
    copyFileSync(passphrase, `${passphrase}.kept`);
    const state = readFileSync(stateFile(local.checkout, local.name), "utf8");
    writeFileSync(passphrase, "another");
    const { code, stderr } = await local.up();
    copyFileSync(`${passphrase}.kept`, passphrase);
    expect(stderr).toMatch(/incorrect passphrase[\s\S]*PULUMI_CONFIG_PASSPHRASE/);
    expect(code).toBe(2);
    expect(readFileSync(stateFile(local.checkout, local.name), "utf8")).toBe(state);
    await local.expectUp(await local.up());
  });
});

test("a policy pack that is killed stops `up`: without it nothing is changed", async () => {
  await local.expectUp(await local.up());
  const deployments = (): Promise<string> =>
    local.kubectl("get", "deployments", "--all-namespaces", "--output=jsonpath={.items[*].metadata.resourceVersion}");
  const before = await deployments();
  local.changeStack((text) => text.replace("context: 16384", "context: 8192"));
  const command = begin(local.checkout, ["up", local.name, "--simulate"]);
  await says(command, "bringing up");
  expect(await kill(local.checkout, command, "analyzer"), command.stderr()).toBe(true);
  const { code, stderr } = await command.ended;
  expect(stderr).toContain("without the policies nothing more is changed");
  expect(code).toBe(2);
  expect(await deployments()).toBe(before);
  const next = await local.up();
  expect(next.stderr).toContain("1 updated, 28 unchanged");
  await local.expectUp(next);
});

describe(`${kills} kills at random points, seed ${seed} (MODELYARD_SEED, MODELYARD_KILLS)`, () => {
  const random = randomNumbers(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const hits = (["up", "destroy"] as const).flatMap((operation) =>
    victimsOf(operation).map((victim) => ({ operation, victim })),
  );
  const cases = Array.from({ length: kills }, (_, number) => ({
    number: number + 1,
    // Every victim comes to its turn, in every operation that has it.
    ...(hits[number % hits.length] ?? pick(hits)),
    milliseconds: Math.floor(random() * 5500),
    then: pick(["up", "destroy"] as const),
  }));

  test.each(cases)(
    "$number: $victim, $milliseconds ms into `$operation`, then `$then`",
    async ({ operation, victim, milliseconds, then }) => {
      const isUp =
        existsSync(stateFile(local.checkout, local.name)) && readState(local.checkout, local.name).resources > 20;
      if (operation === "destroy" && !isUp) expect((await local.up()).code).toBe(0);
      // An environment that is up gets a change, so that there is something to interrupt.
      if (operation === "up" && isUp)
        local.changeStack((text) =>
          text.includes("context: 32768") ? text.replace("32768", "16000") : text.replace("16000", "32768"),
        );
      const command = begin(local.checkout, [operation, local.name, "--simulate"]);
      await says(command, operation === "up" ? "previewing" : "destroying");
      await sleep(milliseconds);
      const hit = await kill(local.checkout, command, victim);
      const { code } = await command.ended;
      if (hit && victim === "ourselves") expect(code).toBe(-1);
      if (then === "up") await local.expectUp(await local.up());
      else await local.expectDestroyed(await local.destroy());
    },
  );
});
