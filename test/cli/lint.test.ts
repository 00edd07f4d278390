import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { lint } from "../../src/cli/lint.ts";
import { fakeTerminal, MACHINE_CLOCK } from "../support/terminal.ts";

const GOLDEN = fileURLToPath(new URL("../golden/lint", import.meta.url));
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A checkout with the files of some golden cases, each in a folder of its own. */
function checkout(...cases: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "lint-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, ".git"));
  for (const one of cases) cpSync(join(GOLDEN, one), join(folder, one.replace("/", "-")), { recursive: true });
  return folder;
}

async function run(...args: readonly string[]) {
  const { terminal, out, told } = fakeTerminal({});
  const status = await lint(args, terminal, MACHINE_CLOCK);
  return { status, out: out(), told: told() };
}

it("says where, what, why and how to mend it", async () => {
  const { status, out, told } = await run(checkout("rollout-paused/planted", "port-not-there/planted"));
  expect({ status, told }).toEqual({ status: 1, told: "" });
  expect(out).toBe(`error  port-not-there: a route sends to a port that the Service does not have
  port-not-there-planted/apps/shop/route.yaml:10 (checkout)
    the VirtualService checkout sends to the port 8080 of checkout, whose ports are 80 (http)
  why: what is sent there is answered with an error
  fix: name a port of the Service, by its number or by its name (docs/lint.md#port-not-there)

warning  rollout-paused: a Rollout is paused in git (spec.paused)
  rollout-paused-planted/apps/shop/rollout.yaml:8 (checkout)
    the Rollout checkout is paused in git
  why: its controller takes no step, so that no release of it moves
  fix: take spec.paused out (docs/lint.md#rollout-paused)

1 error, 1 warning, 0 allowed.
`);
});

describe("the exit status", () => {
  it.each([
    ["0 without findings", ["rollout-paused/clean"], [], 0],
    ["0 with warnings", ["rollout-paused/planted"], [], 0],
    ["1 with warnings, where that is asked for", ["rollout-paused/planted"], ["--strict"], 1],
    ["1 with errors", ["port-not-there/planted"], [], 1],
    ["0 where another rule is asked for", ["port-not-there/planted"], ["--rule", "raw-port"], 0],
    ["1 for the service that is asked for", ["port-not-there/planted"], ["--service", "checkout"], 1],
    ["0 for another service", ["port-not-there/planted", "admiral-name/clean"], ["--service", "orders"], 0],
  ])("is %s", async (_, cases, options, expected) => {
    const { status, told } = await run(checkout(...cases), ...options);
    expect({ status, told }).toEqual({ status: expected, told: "" });
  });

  it("is 1 for a comment that is not understood", async () => {
    const folder = checkout("rollout-paused/clean");
    writeFileSync(join(folder, "more.yaml"), "# tidegate-lint: allow raw-port\nkind: List\napiVersion: v1\n");
    const { status, out } = await run(folder);
    expect(status).toBe(1);
    expect(out).toContain('refused  more.yaml:1: found the comment "allow raw-port"; a reason is needed: because ….\n');
  });

  it.each([
    [["--rule", "raw-prot"], "There is no rule raw-prot. Did you mean raw-port?"],
    [["--service", "chekout"], "There is no service chekout. Did you mean checkout?"],
    [["--json", "--sarif"], "Say --json or --sarif."],
    [["--stric"], "There is no option --stric. Did you mean --strict?"],
  ])("is 2 for %j", async (options, words) => {
    const { status, out, told } = await run(checkout("rollout-paused/planted"), ...options);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(told.split("\n")[0]).toBe(words);
  });

  it("is 2 for a folder that is not there", async () => {
    const { status, told } = await run("/nowhere/to be found");
    expect({ status, told }).toEqual({
      status: 2,
      told: "There is no folder /nowhere/to be found, and it is not the owner/name of a repository.\n",
    });
  });
});

const Finding = z.object({
  rule: z.string(),
  severity: z.string(),
  path: z.string(),
  line: z.number(),
  what: z.string(),
});
const Answer = z.object({
  version: z.literal(1),
  errors: z.number(),
  warnings: z.number(),
  allowed: z.number(),
  findings: z.array(Finding),
  suppressed: z.array(Finding.extend({ because: z.string() })),
});
const Sarif = z.object({
  version: z.literal("2.1.0"),
  runs: z.array(
    z.object({
      tool: z.object({ driver: z.object({ rules: z.array(z.object({ id: z.string() })) }) }),
      results: z.array(
        z.object({
          ruleId: z.string(),
          level: z.string(),
          locations: z.array(z.object({ physicalLocation: z.object({ region: z.object({ startLine: z.number() }) }) })),
          suppressions: z.array(z.object({ justification: z.string() })).optional(),
        }),
      ),
    }),
  ),
});

describe("for machines", () => {
  function folder(): string {
    const root = checkout("port-not-there/planted", "rollout-paused/planted");
    const text = "# tidegate-lint: allow rollout-paused because it waits for the summer\n";
    const path = join(root, "rollout-paused-planted/apps/shop/rollout.yaml");
    cpSync(path, `${path}.before`);
    writeFileSync(path, `${text}${readFileSync(`${path}.before`, "utf8")}`);
    return root;
  }

  it("is one JSON object", async () => {
    const { out } = await run(folder(), "--json");
    const { errors, warnings, allowed, findings, suppressed } = Answer.parse(JSON.parse(out));
    expect({ errors, warnings, allowed }).toEqual({ errors: 1, warnings: 0, allowed: 1 });
    expect(findings.map(({ rule, line }) => [rule, line])).toEqual([["port-not-there", 10]]);
    expect(suppressed.map(({ rule, because }) => [rule, because])).toEqual([
      ["rollout-paused", "it waits for the summer"],
    ]);
  });

  it("is a SARIF log", async () => {
    const { out } = await run(folder(), "--sarif");
    const [{ tool, results } = { tool: undefined, results: [] }] = Sarif.parse(JSON.parse(out)).runs;
    expect(tool?.driver.rules.map(({ id }) => id).toSorted()).toEqual(["port-not-there", "rollout-paused"]);
    expect(results.map((one) => [one.ruleId, one.level, one.suppressions?.[0]?.justification])).toEqual([
      ["port-not-there", "error", undefined],
      ["rollout-paused", "warning", "it waits for the summer"],
    ]);
  });
});

it("names its rules", async () => {
  const { status, out } = await run("--rules");
  expect(status).toBe(0);
  expect(out).toMatch(/^RULE .*\ntwo-providers +error +two controllers/);
});
