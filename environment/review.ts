import { z } from "zod";
import { settings } from "./settings";

/** A longer one would outlive the memory of why it was given. */
const longestWaiverDays = 90;

const date = z.iso.date("a date is written as 2027-01-31");

const waiver = settings({
  id: z
    .string()
    .regex(/^WVR-\d{4}-\d{3}$/, "a waiver is numbered as WVR-2026-001")
    .describe("Number of the waiver, never used again."),
  rule: z.string().min(1).describe("The rule, by its whole name."),
  resource: z
    .string()
    .regex(
      /^[A-Za-z]+\/[a-z0-9-][a-z0-9*-]*$/,
      "a resource is written as Kind/name, where * stands for any part of the name but its beginning",
    )
    .describe("The resource as Kind/name, such as Deployment/chat-deployment; the name may hold *."),
  kind: z.enum(["accepted-risk", "false-positive", "mitigated"]).describe("Why it is waived."),
  reason: z.string().min(20, "a reason has at least 20 characters").describe("Why this is right all the same."),
  owner: z.string().min(3).describe("Who answers for it."),
  approvedBy: z.string().min(3).describe("Who approved it: somebody else."),
  ticket: z.url("a ticket is a URL").describe("Where it was discussed."),
  created: date.describe("Its first day."),
  expires: date.describe(`Its last day, ${longestWaiverDays} days after the first at most.`),
})
  .refine(({ owner, approvedBy }) => owner !== approvedBy, {
    path: ["approvedBy"],
    message: "nobody approves their own waiver",
  })
  .refine(
    ({ created, expires }) => daysBetween(created, expires) >= 0 && daysBetween(created, expires) <= longestWaiverDays,
    {
      path: ["expires"],
      message: `a waiver ends within ${longestWaiverDays} days of its first`,
    },
  );

function daysBetween(first: string, last: string): number {
  return (Date.parse(last) - Date.parse(first)) / 86_400_000;
}

/** What reviewers write in `policies/environments/<environment>.yaml`. */
export const reviewSchema = settings({
  stage: z
    .enum(["development", "staging", "production"])
    .describe(
      "How strict the policies are. Owned by the reviewers, so that an author cannot choose their own strictness.",
    ),
  waivers: z.array(waiver).default([]).describe("Violations that are known and allowed for a time."),
});

/** What the reviewers of an environment decided. */
export type Review = z.output<typeof reviewSchema>;
export type Waiver = z.output<typeof waiver>;

/** How strict an environment is held. */
export type Stage = Review["stage"];
