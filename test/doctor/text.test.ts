import { describe, expect, it } from "vitest";
import { diagnoseApp, diagnoseRepository } from "../../src/doctor/diagnose.ts";
import { read } from "../../src/core/reading.ts";
import { coloured, findingsJson, findingsText, PLAIN } from "../../src/doctor/text.ts";
import { appReport, NOON, repositoryReport, rules } from "./reports.ts";

const FINDINGS = [
  ...diagnoseApp(appReport({ skew: read(-4_200) }), NOON),
  ...diagnoseRepository(repositoryReport({ rules: read(rules({ mergeQueue: true })) })),
];

describe("findings for people", () => {
  it("stand by subject and area, what is fine in one line", () => {
    expect(findingsText(FINDINGS, PLAIN)).toBe(`the App
  App
    ok      tidegate (App 4242) is signed in.
    ok      Contents: write, Pull requests: write, Issues: write, Checks: write, Metadata: read.
    ok      Subscribed to push, pull_request, pull_request_review, issue_comment, delete,
            repository.
  Webhooks
    ok      Webhooks go to tidegate.example.com, as JSON, signed.
    ok      2 deliveries, none failed; the last was taken 3 min ago.
  Charts
    ok      Charts are at tidegate.example.com/charts/.

this machine
  Clock
    warning The clock is 5 s behind GitHub's.
            Bake times are judged against commits' dates; windows may be cut at the wrong place.
            Fix: Let this machine keep its time by NTP (timedatectl set-ntp true).
            [clock-drifts]
  Git
    ok      git 2.39.5.

acme
  Installation
    ok      acme has granted what the App asks for.

acme/gitops
  Git
    ok      The default branch main was fetched.
  Repository
    ok      Ways of merging: squash, merge, rebase.
    ok      Branches of merged pull requests are deleted by GitHub.
  Rules
    ok      Mode (a): no approval is required.
    error   The default branch requires a merge queue.
            Pull requests cannot be merged directly: an abort would stand in the queue, for minutes
            to hours.
            Fix: In the repository's settings, Rules, Rulesets, add the App to the bypass list, For
            pull requests only (mode (b)); people keep the queue.
            https://github.com/acme/gitops/settings/rules
            [merge-queue]
    ok      tidegate/plan is not required.
    ok      tidegate/gate is not required.
    ok      No rule stops pushes to tidegate/**.
  Configuration
    ok      .github/tidegate.yml is understood.
  Services
    ok      12 services, all understood.

1 error, 1 warning, 17 fine. Every finding is explained in docs/doctor.md.
`);
  });

  it.each([60, 80, 100])("fit into %i columns but for addresses", (columns) => {
    const lines = findingsText(FINDINGS, { ...PLAIN, columns }).split("\n");
    const long = lines.filter((line) => line.length > columns && !line.includes("https://"));
    expect(long.filter((line) => !/^(?: {4}ok|\d)/.test(line))).toEqual([]);
  });

  it("are coloured by how bad they are, the text unchanged", () => {
    const text = findingsText(FINDINGS, coloured(100));
    expect(text).toContain("\u001B[31merror  \u001B[0m The default");
    // oxlint-disable-next-line no-control-regex -- the codes themselves
    expect(text.replace(/\u001B\[\d+m/g, "")).toBe(findingsText(FINDINGS, PLAIN));
  });

  it("end in a plain count where all is fine", () => {
    const fine = diagnoseApp(appReport(), NOON);
    expect(findingsText(fine, PLAIN)).toMatch(/\n\n0 errors, 0 warnings, 8 fine\.\n$/);
  });
});

describe("findings for machines", () => {
  it("are one object whose keys are always there", () => {
    const parsed: unknown = JSON.parse(findingsJson(FINDINGS));
    expect(parsed).toMatchObject({ version: 1, status: "error", counts: { ok: 17, warning: 1, error: 1 } });
    expect(parsed).toHaveProperty(["findings", 6], {
      id: "clock-drifts",
      severity: "warning",
      area: "Clock",
      about: "this machine",
      found: "The clock is 5 s behind GitHub's.",
      means: "Bake times are judged against commits' dates; windows may be cut at the wrong place.",
      fix: "Let this machine keep its time by NTP (timedatectl set-ntp true).",
      at: null,
    });
    expect(parsed).toHaveProperty(["findings", 0, "fix"], null);
  });
});
