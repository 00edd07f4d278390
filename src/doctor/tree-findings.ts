import type { Reading } from "../core/reading.ts";
import type { Beside } from "../core/snapshot.ts";
import { unreachable } from "../core/unreachable.ts";
import type { BranchRules } from "../ports/forge.ts";
import { count } from "../render/numbers.ts";
import { finding, notLookedAt, type Finding } from "./finding.ts";
import type { ProviderReport, Reviewed, Samples, ServicesReport, TreeReport } from "./report.ts";
import { passesBy } from "./rules-findings.ts";

const CONFIG = ".github/tidegate.yml";

/** What the default branch's files come to: configuration, services, owners, metrics. */
export function treeFindings(tree: TreeReport, about: string, rules: Reading<BranchRules>): readonly Finding[] {
  return [
    finding("mirror-read", { about, found: `The default branch ${tree.branch} was fetched.` }),
    ...configFindings(tree, about),
    ...(tree.services.kind === "unavailable"
      ? [notLookedAt("Services", about, tree.services.reason)]
      : [
          ...serviceFindings(tree.services.value, tree.config, about),
          ...reliedFindings(tree.services.value, about),
          ...reviewFindings(tree.services.value, about, rules),
        ]),
    ...tree.providers.flatMap((provider) => providerFindings(provider, about)),
  ];
}

function configFindings({ config, branch }: TreeReport, about: string): readonly Finding[] {
  switch (config.kind) {
    case "absent":
      return [finding("config-absent", { about, found: `There is no ${CONFIG} on ${branch}.` })];
    case "refused":
      return config.problems.map((problem) => finding("config-refused", { about, ...located(problem) }));
    case "unextended":
      return [finding("config-unextended", { about, ...located(config.why) })];
    case "read":
      return [
        finding("config-read", { about, found: `${CONFIG} is understood.` }),
        ...config.loosened.map((problem) => finding("config-loosened", { about, ...located(problem) })),
      ];
    default:
      return unreachable(config);
  }
}

/** Without configuration every service is refused for that alone, which is said once already. */
function serviceFindings(services: ServicesReport, config: TreeReport["config"], about: string): readonly Finding[] {
  const refusals = services.refusals.flatMap(({ service, problems }) => {
    const own = config.kind === "read" ? problems : problems.filter((problem) => !problem.startsWith(CONFIG));
    return own.map((problem) => finding("service-refused", { about, ...located(problem, `${service}: `) }));
  });
  if (refusals.length > 0) return refusals;
  if (services.count === 0) return [finding("services-absent", { about, found: "There is no state file." })];
  if (config.kind !== "read") return [];
  return [finding("services-read", { about, found: `${count(services.count, "service")}, all understood.` })];
}

// Whoever mends these looks again.
const MOST_PLACES = 20;

function reliedFindings(
  { relied: { unfit, unfollowed, doubtful } }: ServicesReport,
  about: string,
): readonly Finding[] {
  const placed = (id: "service-unfollowed" | "service-doubtful", { path, line, what }: Beside) =>
    finding(id, { about, found: what, at: `${path}:${line}` });
  return [
    ...unfit.map(({ service, problem }) => finding("service-unfit", { about, ...located(problem, `${service}: `) })),
    ...unfollowed.slice(0, MOST_PLACES).map((one) => placed("service-unfollowed", one)),
    ...doubtful.slice(0, MOST_PLACES).map((one) => placed("service-doubtful", one)),
  ];
}

/** A problem with its file and line apart: "a.yaml:3: is missing" is "is missing", at "a.yaml:3". */
function located(problem: string, before = ""): Pick<Finding, "found" | "at"> {
  const [, at, words] = /^([^\s:]+(?::\d+)?): ([^]+)$/.exec(problem) ?? [];
  return at === undefined || words === undefined
    ? { found: before + problem, at: undefined }
    : { found: before + words, at };
}

const MOST_PATHS = 3;

function reviewFindings(
  { reviewed, count: all }: ServicesReport,
  about: string,
  rules: Reading<BranchRules>,
): readonly Finding[] {
  if (all === 0 || rules.kind === "unavailable" || !rules.value.codeOwners || passesBy(rules.value)) return [];
  const kinds = [
    ["owned", "owned-reviewed"],
    ["claimed", "claimed-reviewed"],
  ] as const;
  const found = kinds.flatMap(([kind, id]) => {
    const files = reviewed.filter((one) => one.kind === kind);
    const [first] = files;
    return first === undefined ? [] : [finding(id, { about, at: first.file, found: reviewText(files) })];
  });
  const isFree = reviewed.every(({ kind }) => kind !== "owned");
  return isFree ? [...found, finding("owned-free", { about, found: "No owned file has code owners." })] : found;
}

function reviewText(files: readonly Reviewed[]): string {
  const shown = files.slice(0, MOST_PATHS).map(({ path, owners }) => `${path} (${owners.join(" ")})`);
  const more = files.length > MOST_PATHS ? [`${files.length - MOST_PATHS} more`] : [];
  return `Code owners of ${[...shown, ...more].join(", ")}.`;
}

function providerFindings({ name, answer }: ProviderReport, about: string): readonly Finding[] {
  switch (answer.kind) {
    case "refused": {
      const { found, at } = located(answer.problem, `${name}: `);
      return [finding("provider-refused", { about, found, at })];
    }
    case "silent":
      return [finding("provider-silent", { about, found: `${name} (${answer.host}): ${answer.reason}`, at: CONFIG })];
    case "answers": {
      const found = `${name} (${answer.host}) answered in ${answer.ms} ms.`;
      return [finding("provider-answers", { about, found }), ...sampleFindings(name, answer.samples, about)];
    }
    default:
      return unreachable(answer);
  }
}

function sampleFindings(name: string, { requests, pods, needing }: Samples, about: string): readonly Finding[] {
  const uncounted = requests.length === 0 ? needing.requests.join(", ") : "";
  const unknown = pods.length === 0 ? needing.pods.join(", ") : "";
  const lacks = [
    ...(uncounted === ""
      ? []
      : [finding("requests-uncounted", { about, found: `${name} counts no request of ${uncounted}.`, at: CONFIG })]),
    ...(unknown === "" ? [] : [finding("pods-unknown", { about, found: `${name} knows no pod of ${unknown}.` })]),
  ];
  const seen = requests.length === 0 ? pods : requests;
  if (lacks.length > 0 || seen.length === 0) return lacks;
  return [finding("samples-fresh", { about, found: `${name} has fresh samples of ${seen.join(", ")}.` })];
}
