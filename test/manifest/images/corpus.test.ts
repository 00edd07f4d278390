import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCases } from "../../../bench/detect-cases.ts";
import { reportOf } from "../../../bench/detect-report.ts";
import { judge } from "../../../bench/detect-score.ts";

const CASES = new URL("../../../../shared/data/corpora/dev.jsonl.gz", import.meta.url).pathname;
// Every so many of the cases: enough to notice, few enough to wait for.
const EVERY = 13;
const KINDS = [
  "deployment",
  "statefulset",
  "daemonset",
  "cronjob",
  "kustomization",
  "values",
  "helmrelease",
  "argocd-app",
];

describe("image bumps in real commits", () => {
  it.skipIf(!existsSync(CASES))(
    "are found, and hardly anything else (skipped where ../shared is missing)",
    () => {
      const cases = readCases(CASES, EVERY);
      const report = reportOf(cases.map(judge));
      expect(report.cases.positive).toBeGreaterThan(150);
      expect(report.cases.negative).toBeGreaterThan(120);
      expect(report.recall).toBeGreaterThanOrEqual(0.97);
      expect(report.precision).toBeGreaterThanOrEqual(0.99);
      expect(report.falseOnNegatives).toBeLessThanOrEqual(0.005);
      for (const kind of KINDS) expect([kind, report.byKind[kind]?.recall ?? 1]).toEqual([kind, 1]);
    },
    60_000,
  );
});
