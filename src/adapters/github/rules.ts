import type { BranchRules } from "../../ports/forge.ts";
import type { Clock } from "../../ports/clock.ts";
import { pages, PER_PAGE, type Api } from "./api.ts";
import { ForgeError } from "./error.ts";

type Rule = Awaited<ReturnType<typeof listed>>[number];
type Bypass = BranchRules["bypass"];

/** How the App may pass a ruleset by, and when GitHub said so. */
type Seen = { readonly bypass: Bypass; readonly at: number };

const KEPT_MS = 10 * 60_000;

/**
 * Reads what the rulesets of a branch ask for together. Branch protection of the older kind shows itself to administrators only, and is not among them.
 * What GitHub said of the App's right to pass a ruleset by is kept for ten minutes; then one ruleset is asked again at each reading, so that a reading stays at two requests.
 */
export function rulesReader(api: Api, clock: Pick<Clock, "now">): (branch: string) => Promise<BranchRules> {
  const kept = new Map<number, Seen>();
  return async (branch) => {
    const rules = await rulesOf(api, branch);
    if (rules === undefined) return { ...asked([]), bypass: "unknown" };
    const rulesets = [...new Set(rules.flatMap(({ ruleset_id }) => ruleset_id ?? []))];
    const now = clock.now();
    await Promise.all(
      due(rulesets, kept, now).map(async (id) => kept.set(id, { bypass: await bypassOf(api, id), at: now })),
    );
    return { ...asked(rules), bypass: weakest(rulesets.map((id) => kept.get(id)?.bypass ?? "unknown")) };
  };
}

/** Undefined where GitHub shows no rules at all: an older server, a plan without them. */
async function rulesOf(api: Api, branch: string): Promise<readonly Rule[] | undefined> {
  try {
    return await listed(api, branch);
  } catch (error) {
    if (isHidden(error)) return undefined;
    throw error;
  }
}

function listed({ request, repo }: Api, branch: string) {
  const route = "GET /repos/{owner}/{repo}/rules/branches/{branch}";
  return pages((page) => request(route, { ...repo, branch, per_page: PER_PAGE, page }));
}

function due(rulesets: readonly number[], kept: ReadonlyMap<number, Seen>, now: number): readonly number[] {
  const unseen = rulesets.filter((id) => !kept.has(id));
  const age = (id: number) => now - (kept.get(id)?.at ?? now);
  const [oldest] = rulesets.filter((id) => age(id) >= KEPT_MS).toSorted((a, b) => age(b) - age(a));
  return unseen.length > 0 || oldest === undefined ? unseen : [oldest];
}

const BYPASS: ReadonlyMap<string | undefined, Bypass> = new Map([
  ["always", "always"],
  ["exempt", "always"],
  ["pull_requests_only", "pullRequests"],
  ["never", "never"],
]);

async function bypassOf({ request, repo }: Api, id: number): Promise<Bypass> {
  try {
    const { data } = await request("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", { ...repo, ruleset_id: id });
    return BYPASS.get(data.current_user_can_bypass) ?? "unknown";
  } catch (error) {
    if (isHidden(error)) return "unknown";
    throw error;
  }
}

function isHidden(error: unknown): boolean {
  return error instanceof ForgeError && (error.fault === "gone" || error.fault === "forbidden");
}

// The rule that lets the App do least decides; of a silent one nothing is promised.
const WEAKEST_FIRST: readonly Bypass[] = ["never", "unknown", "pullRequests", "always"];

function weakest(all: readonly Bypass[]): Bypass {
  return WEAKEST_FIRST.find((bypass) => all.includes(bypass)) ?? "always";
}

type Of<Type extends Rule["type"]> = Extract<Rule, { type: Type }>;

/** What several rulesets ask for together: GitHub asks for all of it, so the strictest counts. */
function asked(rules: readonly Rule[]): Omit<BranchRules, "bypass"> {
  const has = (type: Rule["type"]) => rules.some((rule) => rule.type === type);
  const reviews = rules.filter((rule): rule is Of<"pull_request"> => rule.type === "pull_request");
  const checks = rules.filter((rule): rule is Of<"required_status_checks"> => rule.type === "required_status_checks");
  return {
    checks: unique(checks.flatMap(({ parameters }) => parameters?.required_status_checks ?? [])),
    approvals: Math.max(0, ...reviews.map(({ parameters }) => parameters?.required_approving_review_count ?? 0)),
    codeOwners: reviews.some(({ parameters }) => parameters?.require_code_owner_review === true),
    mergeQueue: has("merge_queue"),
    signatures: has("required_signatures"),
    linear: has("required_linear_history"),
  };
}

type Required = { readonly context: string; readonly integration_id?: number };

function unique(all: readonly Required[]): BranchRules["checks"] {
  const found = all.map(({ context, integration_id }) => ({ name: context, appId: integration_id }));
  return [...new Map(found.map((check) => [`${check.appId ?? ""} ${check.name}`, check])).values()];
}
