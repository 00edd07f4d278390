import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { gate } from "../../src/cli/gate.ts";
import { askedOf, documentOf } from "../../src/cli/gate-document.ts";
import { gateText } from "../../src/cli/gate-text.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { verdictIn } from "../../src/render/record.ts";
import { inFlight, measured, MINUTE, type MemberChanges } from "../support/member.ts";
import { fakeTerminal, MACHINE_CLOCK } from "../support/terminal.ts";

const window = (minute: number, step: number, canary: unknown, stable: unknown) => ({
  step,
  start: new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString(),
  end: new Date(Date.UTC(2026, 10, 20, 12, minute + 1)).toISOString(),
  canary,
  stable,
});
const WINDOWS = [
  window(0, 1, { requests: 150, failed: 1 }, { requests: 2850, failed: 14 }),
  window(1, 1, null, { requests: 2850, failed: 12 }),
  window(2, 2, { requests: 750, failed: 9 }, { requests: 2250, failed: 11 }),
  window(3, 2, { requests: 740, failed: 8 }, { requests: 2260, failed: 12 }),
];
const FILE = { version: 1, service: "checkout", settings: { dispersion: 1.3 }, windows: WINDOWS };

const Mixture = z.looseObject({
  divisor: z.number(),
  components: z.array(z.looseObject({ weight: z.number(), sum: z.number(), logTerm: z.number() })),
  logE: z.number(),
});
const Document = z.looseObject({
  settings: z.looseObject({ alpha: z.number() }),
  explanation: z.looseObject({
    exact: Mixture,
    bets: Mixture,
    exactShare: z.number(),
    logE: z.number(),
    judgement: z.looseObject({ worse: z.looseObject({ logE: z.number() }) }),
  }),
});

const kept = { folder: "" };
beforeAll(async () => {
  kept.folder = await mkdtemp(join(tmpdir(), "gate-"));
});
afterAll(() => rm(kept.folder, { recursive: true, force: true }));

async function fileOf(content: unknown): Promise<string> {
  const path = join(kept.folder, `${Math.random()}.json`);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

async function run(args: readonly string[]) {
  const { terminal, out, told } = fakeTerminal({});
  const status = await gate(args, terminal, MACHINE_CLOCK);
  return { status, out: out(), told: told() };
}

describe("tidegate gate --windows", () => {
  it("says the verdict, why, and the numbers", async () => {
    const { status, out, told } = await run(["--windows", await fileOf(FILE)]);
    expect({ status, told }).toEqual({ status: 0, told: "" });
    expect(out).toMatch(/^checkout\n\nwait: canary errors 1\.1% against 0\.5\d?%, ratio /);
    expect(out).toContain("\n  evidence of a regression ");
    expect(out).not.toContain("Betting half");
  });

  it("explains every term, and the terms that are printed add up to the E that is", async () => {
    const { out } = await run(["--windows", await fileOf(FILE), "--explain", "--alpha", "0.05"]);
    const parts = out.split("\n\n").filter((part) => part.includes("ln E = ln Σ exp"));
    expect(parts).toHaveLength(4);
    for (const part of parts) {
      const terms = part.split("\n").flatMap((line) => /^ +[\d.]+ +[\d.]+ .* (-?[\d.]+)$/.exec(line)?.[1] ?? []);
      const printed = Number(/ln E = ln Σ exp = (-?[\d.]+)/.exec(part)?.[1]);
      expect(terms.length).toBeGreaterThan(5);
      expect(Math.log(terms.reduce((sum, term) => sum + Math.exp(Number(term)), 0))).toBeCloseTo(printed, 7);
    }
    expect(out).toMatch(/ln E that blocks +2\.995732274\n/);
    expect(out).toMatch(/\n +2 {2}2026-11-20T12:02:00Z +9 +750 +11 +2250 +9 +20 +0\.250000 +0\.294118\n/);
    expect(out).toMatch(/no counts/);
  });

  it("writes what it reads again, to the last digit", async () => {
    const { out } = await run(["--windows", await fileOf(FILE), "--json"]);
    expect((await run(["--windows", await fileOf(out), "--json"])).out).toBe(out);
    const { explanation } = Document.parse(JSON.parse(out));
    const logOf = ({ components }: z.infer<typeof Mixture>) =>
      Math.log(
        components.reduce((sum, { weight, sum: of, logTerm }) => {
          expect(logTerm).toBeCloseTo(Math.log(weight) + of / (components.length === 7 ? 1 : 1.3), 12);
          return sum + Math.exp(logTerm);
        }, 0),
      );
    const { exact, bets, exactShare: share, logE, judgement } = explanation;
    const whole = Math.log(share * Math.exp(logOf(exact)) + (1 - share) * Math.exp(logOf(bets)));
    expect(Math.abs(whole - judgement.worse.logE)).toBeLessThan(1e-9);
    expect(logE).toBe(judgement.worse.logE);
  });

  it("takes settings of the command line before the file's", async () => {
    const { out } = await run(["--windows", await fileOf(FILE), "--json", "--dispersion", "2", "--alpha", "0.2"]);
    const { settings, explanation } = Document.parse(JSON.parse(out));
    expect(settings).toMatchObject({ alpha: 0.2, dispersion: 2, beta: 0.05 });
    expect(explanation.exact.divisor).toBe(2);
  });

  it("judges an arm by itself where the file says so", async () => {
    const { out } = await run(["--windows", await fileOf({ ...FILE, against: "proof" }), "--explain"]);
    expect(out).toMatch(/wait \(below the limit, not proven\)|healthy: canary errors/);
    expect(out).toContain("Below the limit 0.05");
  });

  it.each([
    ["no JSON", "{", /: This is no JSON\.$/m],
    ["another version", { ...FILE, version: 2 }, /version: /],
    ["an unknown key", { ...FILE, alpha: 0.05 }, /alpha/],
    [
      "a time of no calendar",
      { ...FILE, windows: [{ ...WINDOWS[0], end: "2026-02-30T00:00:00Z" }] },
      /windows\[0\]\.end: must be a time/,
    ],
    ["windows that overlap", { ...FILE, windows: [WINDOWS[1], WINDOWS[0]] }, /must follow each other in time/],
    ["settings that are none", { ...FILE, settings: { alpha: 7 } }, /settings\.alpha: /],
    [
      "what was known of another arm",
      { ...FILE, suspect: "stable", before: NOTHING() },
      /only a comparison of the canary/,
    ],
  ])("refuses %s", async (_, content, words) => {
    const { status, out, told } = await run(["--windows", await fileOf(content)]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(told).toMatch(words);
  });

  it.each([
    [["--windows", "/nowhere.json"], /\/nowhere\.json cannot be read\./],
    [["--windows", "x", "acme/gitops"], /says of itself/],
    [["--windows", "x", "--alpha", "much"], /alpha: /],
    [["--windows", "x", "--alhpa", "1"], /Did you mean --alpha/],
    [["acme/gitops", "checkout", "--alpha", "0.1"], /--alpha goes with --windows/],
    [["acme/gitops"], /Which service is not said/],
    [[], /Neither a repository nor --windows/],
    [["gitops", "checkout"], /gitops is not the owner\/name/],
  ])("takes no wrong words: %j", async (args, words) => {
    const { status, told } = await run(args);
    expect(status).toBe(2);
    expect(told).toMatch(words);
  });

  it("helps", async () => {
    const { status, out } = await run(["--help"]);
    expect(status).toBe(0);
    expect(out).toContain("Usage: tidegate gate");
    expect(out.split("\n").filter((line) => line.length > 110)).toEqual([]);
  });
});

function NOTHING() {
  return { exact: [], bets: [], better: [], slo: [], failedWindows: 0, strata: [] };
}

describe("tidegate gate of a service", () => {
  const GOOD = { canary: [400, 2], stable: [7600, 38] } as const;
  const at = (of: Member) => stageOf(of, of.changedAt + 12 * MINUTE, 0);
  const flying = (step: number, changes: MemberChanges = {}) =>
    measured(inFlight(step, changes), { count: 12, ...GOOD });

  it.each([
    ["on its way up", flying(1)],
    ["whose stable runs the new version", flying(4)],
  ])("asks what its gate was asked: %s", async (_, of) => {
    const [ruling] = verdictIn(at(of))?.rulings ?? [];
    const [asked] = askedOf(of, at(of));
    const document = Document.parse(JSON.parse(JSON.stringify(documentOf(asked ?? expect.fail()))));
    expect(document).toMatchObject({ service: "checkout", target: "prod", against: "other" });
    const { explanation } = document;
    const errors = ruling?.gate === "errors" ? ruling.judgement : undefined;
    expect(explanation.logE).toBe(errors?.worse.logE);
    const replayed = await run(["--windows", await fileOf(document), "--json"]);
    expect(Document.parse(JSON.parse(replayed.out)).explanation.logE).toBe(explanation.logE);
  });

  it.each(["health", "bake"] as const)("asks what its gate was asked: judged by %s", async (evidence) => {
    const of = flying(1, { policy: { evidence } });
    const [asked] = askedOf(of, at(of));
    const text = gateText(asked ?? expect.fail(), true);
    expect(text).toMatch(/^checkout · prod\n\n(?:healthy|wait .*): canary errors 0\.5%, 5% is the limit\./);
    const replayed = await run(["--windows", await fileOf(documentOf(asked ?? expect.fail())), "--explain"]);
    expect(replayed.out).toBe(text);
  });

  it("asks nothing where no errors are judged", () => {
    const of = inFlight(1);
    expect(askedOf(of, { kind: "resting" })).toEqual([]);
  });
});
