import { asksForPulls } from "../branch-rules.ts";
import type { Repo, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { nodeId } from "./account.ts";
import type { Published } from "./published.ts";
import { repoUrl } from "./repository.ts";

/** The rules of the default branch, each with where it comes from; no other branch has any. */
export function branchRules(repo: Repo, branch: string) {
  const source = {
    ruleset_source_type: "Repository",
    ruleset_source: repo.fullName,
    ruleset_id: repo.ruleset,
  } as const;
  const rules = branch === repo.defaultBranch ? rulesOf(repo) : [];
  return rules.map((rule) => ({ ...rule, ...source })) satisfies Published<"repos", "getBranchRules">;
}

/** The ruleset of a repository as the App sees it: who may pass it by is for administrators, but whether the App may is told. */
export function rulesetShape(store: Store, repo: Repo) {
  const url = `${repoUrl(store, repo)}/rulesets/${repo.ruleset}`;
  return {
    ...rulesetListShape(repo),
    current_user_can_bypass: BYPASS[repo.settings.current.bypass],
    _links: { self: { href: url }, html: { href: `${store.origin}/${repo.fullName}/rules/${repo.ruleset}` } },
    conditions: { ref_name: { include: ["~DEFAULT_BRANCH"], exclude: [] } },
    rules: rulesOf(repo),
  } satisfies Published<"repos", "getRepoRuleset">;
}

/** The same in the list of rulesets. */
export function rulesetListShape(repo: Repo) {
  return {
    id: repo.ruleset,
    name: "default branch",
    target: "branch",
    source_type: "Repository",
    source: repo.fullName,
    enforcement: "active",
    node_id: nodeId("RepositoryRuleset", repo.ruleset),
    created_at: timestamp(repo.createdAt),
    updated_at: timestamp(repo.createdAt),
  } as const satisfies Published<"repos", "getRepoRulesets">[number];
}

const BYPASS = { always: "always", pullRequests: "pull_requests_only", never: "never" } as const;

type Rule = NonNullable<Published<"repos", "getRepoRuleset">["rules"]>[number];

function rulesOf({ settings: { current } }: Repo): Rule[] {
  return [
    ...(asksForPulls(current) ? [pullRule(current)] : []),
    ...(current.requiredChecks.length > 0 ? [checksRule(current)] : []),
    ...(current.mergeQueue ? [queueRule(current)] : []),
    ...(current.signatures ? [{ type: "required_signatures" } as const] : []),
    ...(current.linear ? [{ type: "required_linear_history" } as const] : []),
  ];
}

function pullRule({ approvals, dismissesStale, codeOwners, mergeMethods }: Repo["settings"]["current"]): Rule {
  return {
    type: "pull_request",
    parameters: {
      allowed_merge_methods: [...mergeMethods],
      dismiss_stale_reviews_on_push: dismissesStale,
      require_code_owner_review: codeOwners,
      require_last_push_approval: false,
      required_approving_review_count: approvals,
      required_review_thread_resolution: false,
    },
  };
}

function checksRule({ requiredChecks }: Repo["settings"]["current"]): Rule {
  return {
    type: "required_status_checks",
    parameters: {
      do_not_enforce_on_create: false,
      required_status_checks: requiredChecks.map(({ name, appId }) => ({
        context: name,
        ...(appId === undefined ? {} : { integration_id: appId }),
      })),
      strict_required_status_checks_policy: false,
    },
  };
}

const QUEUE_METHOD = { merge: "MERGE", squash: "SQUASH", rebase: "REBASE" } as const;

function queueRule({ mergeMethods }: Repo["settings"]["current"]): Rule {
  const [method = "merge"] = mergeMethods;
  return {
    type: "merge_queue",
    parameters: {
      check_response_timeout_minutes: 60,
      grouping_strategy: "ALLGREEN",
      max_entries_to_build: 5,
      max_entries_to_merge: 1,
      merge_method: QUEUE_METHOD[method],
      min_entries_to_merge: 1,
      min_entries_to_merge_wait_minutes: 0,
    },
  };
}
