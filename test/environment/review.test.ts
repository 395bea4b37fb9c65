import { expect, test } from "vitest";
import { stringify } from "yaml";
import { EnvironmentError, loadReview } from "../../environment";
import { inFolderWith } from "../harness/folder";

const waiver = {
  id: "WVR-2026-001",
  rule: "image-digest-pinned",
  resource: "Deployment/chat-deployment",
  kind: "mitigated",
  reason: "the registry of this site keeps tags immutable",
  owner: "serving team",
  approvedBy: "security team",
  ticket: "https://tickets.example.com/1",
  created: "2026-11-01",
  expires: "2027-01-15",
};

function review(changes: object) {
  const text = stringify({ stage: "production", waivers: [{ ...waiver, ...changes }] });
  return inFolderWith({ "policies/environments/prod.yaml": text }, (root) => loadReview(root, "prod"));
}

test("a waiver is read, and its line can be found", () => {
  const { review: read, locate } = review({});
  expect(read.waivers).toEqual([waiver]);
  expect(locate(["waivers", 0])).toMatchObject({ file: "policies/environments/prod.yaml", line: 3 });
});

test.each([
  ["without an approver", { approvedBy: undefined }, "waivers.0.approvedBy is missing"],
  ["approved by its owner", { approvedBy: "serving team" }, "Nobody approves their own waiver."],
  ["for longer than 90 days", { expires: "2027-02-01" }, "A waiver ends within 90 days of its first."],
  ["that ends before it begins", { expires: "2026-10-01" }, "A waiver ends within 90 days of its first."],
  ["for everything", { resource: "*" }, "A resource is written as Kind/name"],
  ["for every name", { resource: "Deployment/*" }, "A resource is written as Kind/name"],
  ["for a whole class of rules", { rule: "" }, "waivers.0.rule"],
  ["with a reason that says nothing", { reason: "because" }, "A reason has at least 20 characters."],
  ["without a ticket that can be opened", { ticket: "TICKET-1" }, "A ticket is a URL."],
  ["with a number of another form", { id: "W1" }, "A waiver is numbered as WVR-2026-001."],
])("a waiver %s is refused with its line", (_, changes, message) => {
  const refused = (): unknown => review(changes);
  expect(refused).toThrow(EnvironmentError);
  expect(refused).toThrow(/policies\/environments\/prod\.yaml:\d+:\d+: /);
  expect(refused).toThrow(message);
});
