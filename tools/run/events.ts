import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { createdObject, type ObjectRef } from "./ownership";

/** A rule of the policy pack that a resource broke, as CrossGuard reported it. */
export interface PolicyViolation {
  readonly rule: string;
  readonly level: "mandatory" | "advisory";
  readonly urn: string;
  readonly message: string;
}

/** What happened in a preview or an update. */
export interface RunReport {
  /** Resources by what was done to them, components included. */
  readonly changes: Partial<Record<OpType, number>>;
  readonly violations: readonly PolicyViolation[];
  /** Errors in words, each once. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** Objects of the cluster that were, or in a preview would be, created. */
  readonly creates: readonly ObjectRef[];
}

/** Collects a run's events into a report, and counts how far it is. */
export class EventCollector {
  #changes: Partial<Record<OpType, number>> = {};
  readonly #violations = new Map<string, PolicyViolation>();
  readonly #errors = new Set<string>();
  readonly #warnings = new Set<string>();
  readonly #creates: ObjectRef[] = [];
  #started = 0;
  #finished = 0;

  /** @param onProgress - called with "24 of 30" in words whenever a resource is done */
  constructor(private readonly onProgress: (text: string) => void = () => undefined) {}

  readonly listen = (event: EngineEvent): void => {
    if (event.resourcePreEvent !== undefined) this.#started += 1;
    const created = createdObject(event);
    if (created !== undefined) this.#creates.push(created);
    if (event.resOutputsEvent !== undefined || event.resOpFailedEvent !== undefined) {
      this.#finished += 1;
      this.onProgress(`${this.#finished} of ${Math.max(this.#started, this.#finished)} resources`);
    }
    if (event.policyEvent !== undefined) this.#policy(event.policyEvent);
    if (event.diagnosticEvent !== undefined) this.#diagnostic(event.diagnosticEvent);
    if (event.summaryEvent !== undefined) this.#changes = event.summaryEvent.resourceChanges;
  };

  report(): RunReport {
    const violations = [...this.#violations.values()];
    const [errors, warnings] = [[...this.#errors], [...this.#warnings]];
    return { changes: this.#changes, violations, errors, warnings, creates: this.#creates };
  }

  #policy(event: NonNullable<EngineEvent["policyEvent"]>): void {
    const violation: PolicyViolation = {
      rule: event.policyName,
      level: event.enforcementLevel === "mandatory" ? "mandatory" : "advisory",
      urn: event.resourceUrn ?? "",
      message: plain(event.message),
    };
    this.#violations.set(`${violation.rule} ${violation.urn} ${violation.message}`, violation);
  }

  #diagnostic({ severity, message, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    if (ephemeral === true) return;
    if (severity === "error") this.#errors.add(plain(message));
    if (severity === "warning") this.#warnings.add(plain(message));
  }
}

/** Without Pulumi's colour marks (`<{%fg 1%}>`). */
function plain(message: string): string {
  return message.replace(/<\{%[^%]*%\}>/g, "").trim();
}
