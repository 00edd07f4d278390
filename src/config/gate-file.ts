import { z } from "zod";
import { NO_EVIDENCE } from "../core/gate/evidence.ts";
import type { AloneQuestion, Question, StepWindows } from "../core/gate/explain.ts";
import { SLO_FACTORS } from "../core/gate/one-arm.ts";
import { BETS, BETTER_RATIOS, RATIOS } from "../core/gate/rate.ts";
import { DEFAULT_GATE, type GateSettings } from "../core/gate/settings.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Window } from "../core/window.ts";
import { ERROR_LIMITS } from "./error-limits.ts";
import { instantOf } from "./instant.ts";

/** What may be said of the error gate on the command line and in a file of windows; ends as in `.github/tidegate.yml`. */
const GateOptions = z.strictObject({
  ...ERROR_LIMITS,
  exactShare: z.number().min(0).max(1).optional(),
  placeboLogE: z.number().optional(),
});
export type GateOptions = z.infer<typeof GateOptions>;

/** The names of all that may be said. */
export const GATE_OPTIONS = Object.keys(GateOptions.shape);

const Counts = z.object({ requests: z.number(), failed: z.number() }).nullish();

const Moment = z.string().transform((text, context) => {
  const instant = instantOf(text);
  if (instant !== undefined) return instant;
  context.addIssue({ code: "custom", message: "must be a time such as 2026-11-20T10:04:11Z" });
  return z.NEVER;
});

const WrittenWindow = z.strictObject({
  step: z.int().min(0).default(0),
  start: Moment,
  end: Moment,
  canary: Counts,
  stable: Counts,
});

function sums({ length }: readonly number[]) {
  return z
    .array(z.number())
    .refine((some) => some.length === 0 || some.length === length, { error: `must be ${length} numbers, or none` });
}

const Count = z.number().min(0);

const Before = z.strictObject({
  through: z.int().min(-1).default(-1),
  exact: sums(RATIOS),
  bets: sums(BETS),
  better: sums(BETTER_RATIOS),
  slo: sums(SLO_FACTORS),
  failedWindows: z.int().min(0),
  strata: z.array(z.tuple([Count, Count, Count, Count])).max(1000),
});

const MOST_WINDOWS = 100_000;

/** What `tidegate gate --json` writes, and `--windows` reads: docs/gates.md says what each part is. */
const GateFile = z.strictObject({
  version: z.literal(1),
  service: z.string().optional(),
  target: z.string().optional(),
  suspect: z.enum(["canary", "stable"]).default("canary"),
  against: z.enum(["other", "limit", "proof"]).default("other"),
  settings: GateOptions.default({}),
  before: Before.optional(),
  windows: z.array(WrittenWindow).max(MOST_WINDOWS),
  // What was reckoned before is reckoned again.
  explanation: z.unknown().optional(),
});
type GateFile = z.infer<typeof GateFile>;

/** What a gate is asked: an arm against the other one, or by itself. */
type GateQuestion =
  | { readonly kind: "compare"; readonly question: Question }
  | { readonly kind: "alone"; readonly question: AloneQuestion };

/** A question that was written down, and of what it was asked where that is said. */
export type Asked = GateQuestion & { readonly service?: string | undefined; readonly target?: string | undefined };

/** The question of a file of windows, settings of the command line before its own, or one sentence on what is wrong with it. */
export function readGateFile(text: string, options: GateOptions): Result<Asked, string> {
  const read = jsonOf(text);
  if (read.kind === "err") return read;
  const parsed = GateFile.safeParse(read.value);
  if (!parsed.success) return err(problemIn(parsed.error));
  const { service, target, windows, before } = parsed.data;
  const isOrdered = windows.every((window, index) => isAfter(window, windows[index - 1]));
  if (!isOrdered) return err("windows must follow each other in time, each at or after the end of the one before.");
  if ((parsed.data.suspect === "stable" || parsed.data.against !== "other") && before !== undefined)
    return err("before: only a comparison of the canary goes on from what was known.");
  return ok({ service, target, ...questionIn(parsed.data, options) });
}

function questionIn({ suspect, against, settings, before, windows }: GateFile, options: GateOptions): GateQuestion {
  const said = withOptions(withOptions(DEFAULT_GATE, settings), options);
  const steps = stepsOf(windows);
  if (against === "other")
    return { kind: "compare", question: { suspect, before: before ?? NO_EVIDENCE, steps, settings: said } };
  const all = steps.flatMap((step) => step.windows);
  return { kind: "alone", question: { arm: suspect, windows: all, settings: said, isProof: against === "proof" } };
}

/** Options by their names, or one sentence on what is wrong with one. */
export function readGateOptions(values: ReadonlyMap<string, string>): Result<GateOptions, string> {
  const said = [...values].map(([name, text]) => [name, Number.isNaN(Number.parseFloat(text)) ? text : Number(text)]);
  const parsed = GateOptions.safeParse(Object.fromEntries(said));
  return parsed.success ? ok(parsed.data) : err(problemIn(parsed.error));
}

/** Settings with what was said otherwise. */
function withOptions(settings: GateSettings, options: GateOptions): GateSettings {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(said) };
}

type Written = z.infer<typeof WrittenWindow>;

function isAfter({ step, start, end }: Written, before: Written | undefined): boolean {
  return start < end && (before === undefined || (start >= before.end && step >= before.step));
}

function stepsOf(windows: readonly Written[]): readonly StepWindows[] {
  const steps = new Map<number, Window[]>();
  for (const { step, start, end, canary, stable } of windows) {
    const counts = { ...(canary && { canary }), ...(stable && { stable }) };
    const windows = steps.get(step) ?? [];
    windows.push({ start, end, counts, pods: {} });
    steps.set(step, windows);
  }
  return [...steps].map(([step, windows]) => ({ step, windows }));
}

function jsonOf(text: string): Result<unknown, string> {
  try {
    const read: unknown = JSON.parse(text);
    return ok(read);
  } catch {
    return err("This is no JSON.");
  }
}

function problemIn({ issues }: z.core.$ZodError): string {
  const [issue] = issues;
  const place = (issue?.path ?? [])
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  const what = issue?.message ?? "It is not understood";
  return place === "" ? `${what}.` : `${place.replace(/^\./, "")}: ${what}.`;
}
