import { z } from "zod";
import { NO_EVIDENCE } from "../core/gate/evidence.ts";
import type { AloneQuestion, Question } from "../core/gate/explain.ts";
import { DEFAULT_GATE, type GateSettings } from "../core/gate/settings.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Window } from "../core/window.ts";
import { ERROR_LIMITS } from "./error-limits.ts";
import { BESIDES, besidesIn, type Besides } from "./gate-file-besides.ts";
import { Before, isOrdered, Moment, stepsOf } from "./gate-file-windows.ts";

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

const WrittenWindow = z.strictObject({
  step: z.int().min(0).default(0),
  start: Moment,
  end: Moment,
  canary: Counts,
  stable: Counts,
});

const MOST_WINDOWS = 100_000;

/** What `tidegate gate --json` writes, and `--windows` reads: docs/gates.md says what each part is. */
export const GateFile = z.strictObject({
  version: z.literal(1),
  service: z.string().optional(),
  target: z.string().optional(),
  suspect: z.enum(["canary", "stable"]).default("canary"),
  against: z.enum(["other", "limit", "proof"]).default("other"),
  settings: GateOptions.default({}),
  before: Before.optional(),
  /** Whether the running step has been seen live. */
  live: z.boolean().default(true),
  windows: z.array(WrittenWindow).max(MOST_WINDOWS),
  ...BESIDES,
  // What was reckoned before is reckoned again.
  explanation: z.unknown().optional(),
});
type GateFile = z.infer<typeof GateFile>;

/** What a gate is asked: an arm against the other one, or by itself. */
type GateQuestion =
  | { readonly kind: "compare"; readonly question: Question }
  | { readonly kind: "alone"; readonly question: AloneQuestion };

/** A question that was written down, and of what it was asked where that is said. */
export type Asked = GateQuestion & {
  readonly service?: string | undefined;
  readonly target?: string | undefined;
  /** What other gates were asked. */
  readonly besides?: Besides | undefined;
};

/** The question of a file of windows, settings of the command line before its own, or one sentence on what is wrong with it. */
export function readGateFile(text: string, options: GateOptions): Result<Asked, string> {
  const read = jsonOf(text);
  if (read.kind === "err") return read;
  const parsed = GateFile.safeParse(read.value);
  if (!parsed.success) return err(problemIn(parsed.error));
  const { service, target, windows, before } = parsed.data;
  const all = [windows, windowsOf(parsed.data.latency), windowsOf(parsed.data.gauges)];
  if (!all.every(isOrdered))
    return err("windows must follow each other in time, each at or after the end of the one before.");
  if ((parsed.data.suspect === "stable" || parsed.data.against !== "other") && before !== undefined)
    return err("before: only a comparison of the canary goes on from what was known.");
  return ok({ service, target, ...questionIn(parsed.data, options), besides: besidesIn(parsed.data) });
}

function windowsOf(part: GateFile["latency"] | GateFile["gauges"]): Parameters<typeof isOrdered>[0] {
  return part !== undefined && "windows" in part ? part.windows : [];
}

function questionIn(
  { suspect, against, settings, before, windows, live }: GateFile,
  options: GateOptions,
): GateQuestion {
  const said = withOptions(withOptions(DEFAULT_GATE, settings), options);
  const steps = stepsOf(windows, ({ start, end, canary, stable }): Window => ({
    start,
    end,
    counts: { ...(canary && { canary }), ...(stable && { stable }) },
    pods: {},
  }));
  if (against === "other")
    return {
      kind: "compare",
      question: { suspect, before: before ?? NO_EVIDENCE, steps, settings: said, isLive: live },
    };
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
