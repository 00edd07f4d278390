import { analysisVerdict, type AnalysisRun, type AnalysisVerdict } from "./gate/analysis.ts";
import { GATES, type GateName } from "./gate/settings.ts";
import type { Member } from "./snapshot.ts";

/** What a gate by a template says of a step; without a run nobody has measured. */
export type AnalysisRuling = {
  readonly gate: GateName;
  readonly run: AnalysisRun | undefined;
  readonly verdict: AnalysisVerdict;
};

/** What every template that is asked at the weight that runs says, in the order of configuration. `since` is when that was seen live, milliseconds. */
export function analysisRulings(
  { policy, at, analyses = [] }: Pick<Member, "policy" | "at" | "analyses">,
  since: number | undefined,
): readonly AnalysisRuling[] {
  const asked = (policy.analyses ?? []).filter(({ from }) => at.weight >= from);
  return asked.map(({ name }) => {
    const run = analyses.find(({ gate }) => gate === name);
    return { gate: name, run, verdict: run === undefined ? UNMEASURED : analysisVerdict(run, since) };
  });
}

const UNMEASURED: AnalysisVerdict = { kind: "wait", reason: { kind: "notBegun" } };

/** That a member has no gate of a name, a clause; undefined where it has. */
export function unknownGate({ policy }: Pick<Member, "policy">, gate: GateName): string | undefined {
  const known: readonly string[] = [...GATES, ...(policy.analyses ?? []).map(({ name }) => name)];
  return known.includes(gate) ? undefined : `there is no gate ${gate} here: there are ${known.join(", ")}`;
}

/** What a step's verdict is with templates beside it: any that blocks blocks, any that waits waits; those left out say nothing. */
export function besideTemplates(
  verdict: Judged,
  rulings: readonly AnalysisRuling[],
  skipped: readonly GateName[],
): Judged {
  if (verdict.kind === "fail") return verdict;
  const heard = rulings.filter(({ gate }) => !skipped.includes(gate)).map((ruling) => ruling.verdict);
  const block = heard.find(({ kind }) => kind === "block");
  if (block?.kind === "block") return { kind: "fail", reason: block.reason };
  return { kind: heard.some(({ kind }) => kind === "wait") ? "wait" : verdict.kind };
}

type Judged =
  | { readonly kind: "pass" }
  | { readonly kind: "wait" }
  | { readonly kind: "fail"; readonly reason: string };
