// `node scripts/test-count.ts REPORT`: lists the skipped tests of a run and closes with "N passed, N failed", read off vitest's JSON report.
import { readFileSync } from "node:fs";
import { z } from "zod";

const Report = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
type Report = z.infer<typeof Report>;

function skipped({ testResults }: Report): readonly string[] {
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== "passed" && status !== "failed").map(({ fullName }) => fullName),
  );
}

// A file that fails before its first test counts as one failed test: the run must not read as green.
function failed({ success, numFailedTests, testResults }: Report): number {
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  ).length;
  return Math.max(numFailedTests + broken, success ? 0 : 1);
}

const report = Report.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
for (const name of skipped(report)) console.log(`skipped: ${name}`);
console.log(`${report.numPassedTests} passed, ${failed(report)} failed`);
if (report.numPassedTests === 0) process.exitCode = 1;
