import { deploy } from "../../stacks/deploy";
import type { Plan } from "../../planning";
import { readPlan } from "../../stacks/read-plan";
import { record, type RecordedResource, type Recording } from "../../tools/run/record";

/** What an environment of `stacks/` declares. */
export function recordStack(environment: string): Promise<Recording> {
  return recordPlan(readPlan(environment).plan);
}

/** What a plan declares. */
export function recordPlan(plan: Plan): Promise<Recording> {
  return record(() => Promise.resolve(deploy(plan)), plan.environment);
}

/** The one resource of a kind, such as `Deployment`, with this name. */
export function resource(recording: Recording, kind: string, name: string): RecordedResource {
  const found = recording.resources.filter(
    (candidate) => candidate.type.endsWith(`:${kind}`) && candidate.name === name,
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} resources are a ${kind} named ${name}`);
  return only;
}
