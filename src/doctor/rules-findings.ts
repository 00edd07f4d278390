import type { CheckName, BranchRules } from "../ports/forge.ts";
import type { RepositoryFacts, Restriction } from "../ports/checkup.ts";
import type { FindingId } from "./catalogue.ts";
import { finding, notLookedAt, type Finding } from "./finding.ts";
import type { RepositoryReport } from "./report.ts";

type Seen = Pick<RepositoryReport, "repo" | "appId" | "settings" | "rules" | "restrictions" | "classic">;

/** What the rules of the default branch and of Tidegate's own branches come to. */
export function rulesFindings({ repo, appId, settings, rules, restrictions, classic }: Seen): readonly Finding[] {
  const at = settings.kind === "read" ? `${settings.value.page}/settings/rules` : undefined;
  const place: Place = { about: repo, at, appId };
  return [
    ...(rules.kind === "unavailable"
      ? [notLookedAt("Rules", repo, rules.reason)]
      : branchFindings(rules.value, settings.kind === "read" ? settings.value : undefined, place)),
    ...(restrictions.kind === "unavailable"
      ? [notLookedAt("Rules", repo, restrictions.reason)]
      : ownBranchFindings(restrictions.value, place)),
    ...classicFindings(classic, settings, repo),
  ];
}

type Place = { readonly about: string; readonly at: string | undefined; readonly appId: number };

function branchFindings(rules: BranchRules, settings: RepositoryFacts | undefined, place: Place): readonly Finding[] {
  return [
    modeOf(rules, place),
    ...queueFindings(rules, place),
    ...OURS.filter((name) => isAskedFor(rules, name)).map((name) => checkFinding(rules, name, place)),
    ...otherChecks(rules, place),
    ...(settings === undefined ? [] : methodFindings(rules, settings, place)),
  ];
}

/** Which of the three supported ways of merging the rules come to. */
function modeOf(rules: BranchRules, { about, at }: Place): Finding {
  const { approvals, codeOwners, bypass } = rules;
  if (approvals === 0) {
    const owners = codeOwners ? "no approval is required but by code owners" : "no approval is required";
    return finding("rules-unreviewed", { about, found: `Mode (a): ${owners}.` });
  }
  const asked = `${approvals} ${approvals === 1 ? "approval is" : "approvals are"} required`;
  if (passesBy(rules))
    return finding("rules-bypassed", { about, found: `Mode (b): ${asked}, and the App passes it by.` });
  if (bypass === "unknown") return finding("rules-unclear", { about, at, found: `${capital(asked)}.` });
  return finding("rules-advisory", { about, at, found: `Mode (c): ${asked}, and the App is not on the bypass list.` });
}

function queueFindings(rules: BranchRules, { about, at }: Place): readonly Finding[] {
  if (!rules.mergeQueue || passesBy(rules)) return [];
  return [finding("merge-queue", { about, at, found: "The default branch requires a merge queue." })];
}

const OURS: readonly CheckName[] = ["tidegate/plan", "tidegate/gate", "tidegate/policy"];

/** Policy is advice until somebody requires it; the other two are meant to be required. */
function isAskedFor({ checks }: BranchRules, name: CheckName): boolean {
  return name !== "tidegate/policy" || checks.some((check) => check.name === name);
}

function checkFinding({ checks }: BranchRules, name: CheckName, { about, at, appId }: Place): Finding {
  const required = checks.filter((check) => check.name === name);
  const foreign = required.find((check) => check.appId !== undefined && check.appId !== appId);
  if (required.length === 0) return finding("check-optional", { about, found: `${name} is not required.` });
  if (foreign !== undefined)
    return finding("check-pinned-elsewhere", {
      about,
      at,
      found: `${name} is required of App ${foreign.appId}, this is App ${appId}.`,
    });
  if (required.some((check) => check.appId === undefined))
    return finding("check-unpinned", { about, at, found: `${name} is required of any source.` });
  return finding("check-pinned", { about, found: `${name} is required of this App.` });
}

function otherChecks(rules: BranchRules, { about, at }: Place): readonly Finding[] {
  const others = [...new Set(rules.checks.map(({ name }) => name))].filter((name) => !OURS.some((our) => our === name));
  if (others.length === 0 || passesBy(rules)) return [];
  return [finding("other-checks", { about, at, found: `Required as well: ${others.join(", ")}.` })];
}

function methodFindings(rules: BranchRules, settings: RepositoryFacts, { about }: Place): readonly Finding[] {
  if (passesBy(rules)) return [];
  const at = `${settings.page}/settings`;
  const allowed = `Ways of merging: ${methodsText(settings)}.`;
  const { squash, rebase } = settings.methods;
  const signed = { about, at, found: `Signatures are required. ${allowed}` };
  const linear = { about, at, found: `Linear history is required. ${allowed}` };
  return [
    ...(rules.linear && squash === false && rebase === false ? [finding("linear-history", linear)] : []),
    ...(rules.signatures ? [finding(signedAs(settings), signed)] : []),
  ];
}

/** GitHub signs what it squashes and the merge commits that it makes, never what it rebases. */
function signedAs({ methods: { squash, merge } }: RepositoryFacts): FindingId {
  if (squash !== false) return "signatures-kept";
  return merge === false ? "signatures-lost" : "signatures-of-steps";
}

/** The allowed ways of merging, in words; what GitHub does not show counts as allowed. */
export function methodsText({ methods }: Pick<RepositoryFacts, "methods">): string {
  const allowed = Object.entries(methods).flatMap(([method, setting]) => (setting === false ? [] : [method]));
  return allowed.length === 0 ? "none" : allowed.join(", ");
}

/** Rules that stop a direct push, which only a bypass for always passes by. */
const STOPS: ReadonlyMap<string, string> = new Map([
  ["creation", "creation"],
  ["update", "updates"],
  ["deletion", "deletion"],
  ["non_fast_forward", "force pushes"],
  ["required_signatures", "unsigned commits"],
  ["pull_request", "pushes without a pull request"],
  ["required_status_checks", "pushes before checks have passed"],
  ["merge_queue", "pushes past the merge queue"],
]);

const PATTERNS: ReadonlySet<string> = new Set([
  "branch_name_pattern",
  "commit_author_email_pattern",
  "commit_message_pattern",
  "committer_email_pattern",
  "file_extension_restriction",
  "file_path_restriction",
]);

function ownBranchFindings(restrictions: readonly Restriction[], { about, at }: Place): readonly Finding[] {
  const rulesets = [
    ...Map.groupBy(
      restrictions.filter(({ bypass }) => bypass !== "always"),
      ({ ruleset }) => ruleset,
    ),
  ];
  const locks = rulesets.flatMap(([ruleset, rules]) => {
    const stops = rules.flatMap(({ rule }) => STOPS.get(rule) ?? []);
    const page = rules[0]?.page ?? at;
    if (stops.length === 0) return [];
    return [
      finding("branches-locked", {
        about,
        at: page,
        found: `The ruleset ${ruleset} forbids on tidegate/**: ${stops.join(", ")}.`,
      }),
    ];
  });
  const patterns = rulesets.flatMap(([ruleset, rules]) => {
    const named = rules.flatMap(({ rule }) => (PATTERNS.has(rule) ? [rule] : []));
    const page = rules[0]?.page ?? at;
    if (named.length === 0) return [];
    return [
      finding("branches-patterned", {
        about,
        at: page,
        found: `The ruleset ${ruleset} holds tidegate/** to ${named.join(", ")}.`,
      }),
    ];
  });
  const all = [...locks, ...patterns];
  return all.length > 0 ? all : [finding("branches-free", { about, found: "No rule stops pushes to tidegate/**." })];
}

function classicFindings(
  classic: RepositoryReport["classic"],
  settings: RepositoryReport["settings"],
  about: string,
): readonly Finding[] {
  if (classic.kind === "unavailable") return [notLookedAt("Rules", about, classic.reason)];
  if (!classic.value) return [];
  const at = settings.kind === "read" ? `${settings.value.page}/settings/branches` : undefined;
  return [finding("classic-protection", { about, at, found: "The default branch has classic branch protection." })];
}

/** The App's pull requests pass the rules by. */
export function passesBy({ bypass }: Pick<BranchRules, "bypass">): boolean {
  return bypass === "always" || bypass === "pullRequests";
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
