import { describe, expect, it } from "vitest";
import { silentProgress } from "../../../../tools/report/progress";
import { ensureParts, findParts, isMissing, MissingPartsError } from "../../../../tools/run/parts";
import { Machine, programText } from "./fixtures";

describe("the parts that were asked for", () => {
  it("give the path of each of their programs, and of no other", async () => {
    const machine = new Machine();
    const kwok = machine.install("kwok", programText("0.8.0"));
    const kwokctl = machine.install("kwokctl", programText("0.8.0"));
    const parts = await ensureParts(["kwok"], { progress: silentProgress, environment: machine.environment });
    expect([parts.program("kwok"), parts.program("kwokctl")]).toEqual([kwok, kwokctl]);
    expect(() => parts.program("kubectl")).toThrow("kubectl was asked for, but its part was not");
  });

  it("that cannot be had are all named in one message, with what was tried and what to do", async () => {
    const { environment, cache } = new Machine();
    const error = await ensureParts(["pulumi", "kwok"], { progress: silentProgress, environment }).catch(
      (caught: unknown) => caught,
    );
    if (!(error instanceof MissingPartsError)) throw new Error("nothing was missing");
    const { message, missing } = error;
    expect(missing.map(({ name }) => name)).toEqual(["pulumi", "kwok"]);
    expect(message).toContain("neither here nor to be had: the Pulumi CLI 3.246.0 and kwok (simulated nodes) 0.8.0.");
    expect(message.match(/Go is not installed/g)).toHaveLength(2);
    for (const advice of [
      "install Go 1.26 or newer",
      "MODELYARD_OFFLINE",
      "kwok.sigs.k8s.io",
      cache,
      "npx modelyard plan",
    ]) {
      expect(message).toContain(advice);
    }
    expect(message).not.toMatch(/\n\s+at /);
  });

  it("are looked for without changing anything", async () => {
    const machine = new Machine();
    machine.installGo();
    machine.install("kwok", programText("0.8.0"));
    machine.install("kwokctl", programText("0.8.0"));
    const options = { progress: silentProgress, environment: machine.environment };
    const answers = await findParts(["control-plane", "kwok"], options);
    expect(answers.map(isMissing)).toEqual([true, false]);
    expect([machine.builds(), machine.kept()]).toEqual([0, []]);
  });

  it("are not looked for when the caller has already stopped, and no listener stays behind", async () => {
    const { environment } = new Machine();
    const before = process.listenerCount("SIGINT");
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(findParts(["kwok"], { progress: silentProgress, environment, signal })).rejects.toThrow("enough");
    await findParts(["kwok"], { progress: silentProgress, environment });
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
