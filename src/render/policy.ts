import type {
  JudgedPitfall,
  JudgedWorkload,
  Judgement,
  NewWorkload,
  Pitfall,
  PolicedPull,
  Unfit,
} from "../core/policy.ts";
import { unreachable } from "../core/unreachable.ts";
import { settled, type Annotation, type Check } from "./check.ts";
import { code, escaped, list, plain } from "./markdown.ts";

/** As many as a person reads; the rest is counted. */
const MOST_LISTED = 50;
/** GitHub's limit of one request. */
const MOST_ANNOTATIONS = 50;
const MOST_NAMED = 3;

/** What policy says of a pull request: what is added without a template, and which pitfalls come with it. */
export function policyCheck({ headSha, judgement }: PolicedPull): Check {
  const { conclusion, workloads, pitfalls, unread } = judgement;
  const body = [
    ...missing(workloads),
    ...letGo(workloads),
    ...pitfallText(pitfalls),
    ...(unread === undefined ? [] : [`Not all was looked into: ${escaped(unread)}. ${EVERYTHING}`]),
    ...(isMended(judgement) ? ["What was said here before is mended."] : []),
  ].join("\n\n");
  const check = settled({
    name: "tidegate/policy",
    headSha,
    conclusion,
    title: titleOf(judgement),
    body,
    text: undefined,
  });
  return { ...check, annotations: pitfalls.flatMap(annotationOf).slice(0, MOST_ANNOTATIONS) };
}

const EVERYTHING = "In a clone, `npx tidegate lint` tells everything.";

function isMended({ workloads, pitfalls, unread }: Judgement): boolean {
  return workloads.length + pitfalls.length === 0 && unread === undefined;
}

function titleOf(judgement: Judgement): string {
  const { workloads, pitfalls, unread } = judgement;
  if (isMended(judgement)) return "Nothing is added without a template, and no pitfall comes with it";
  const open = workloads.filter(isOpen);
  const parts = [
    ...(open.length === 0 ? [] : [`${named(open)} without a template${isRequired(open) ? ", which is required" : ""}`]),
    ...(pitfalls.length === 0 ? [] : [pitfallTitle(pitfalls)]),
    ...(unread === undefined ? [] : ["not all was looked into"]),
  ];
  return parts.length === 0 ? `${named(workloads)} without a template, which is let go` : parts.join("; ");
}

function isOpen({ standing: { kind } }: JudgedWorkload): boolean {
  return kind === "advised" || kind === "required";
}

function isRequired(workloads: readonly JudgedWorkload[]): boolean {
  return workloads.some(({ standing: { kind } }) => kind === "required");
}

/** At most a few names, and how they came to be without a template. */
function named(workloads: readonly JudgedWorkload[]): string {
  const names = workloads.slice(0, MOST_NAMED).map(({ workload: { service } }) => service);
  const rest = workloads.length - names.length;
  const how = workloads.every(({ workload }) => workload.how === "freed") ? "can be opted in now, and is" : "new";
  return `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}: ${how}`;
}

function pitfallTitle(pitfalls: readonly JudgedPitfall[]): string {
  const [first] = pitfalls;
  const rules = new Set(pitfalls.map(({ pitfall }) => pitfall.rule));
  const what = pitfalls.length === 1 ? "a pitfall" : `${pitfalls.length} pitfalls`;
  return rules.size === 1 && first !== undefined ? `${what} (${first.pitfall.rule})` : what;
}

/** What has to get a template, or should, each with the command that gives it one. */
function missing(workloads: readonly JudgedWorkload[]): readonly string[] {
  const open = workloads.filter(isOpen);
  if (open.length === 0) return [];
  const why = isRequired(open)
    ? "The configuration of the tracked branch requires a template of new services"
    : "A new service is on a template most easily before anything depends on it";
  return [
    `${why}: its releases then go step by step, and are taken back where they fail.\n\n${list(open.map(openItem), MOST_LISTED)}`,
    "The command lists the templates to choose from, and prints the change; `--write` writes it, to be committed on this branch. Nothing that is rendered differs by it, and no traffic moves. Once this is merged, the comment does the same by a pull request. What needs no template is exempted in the configuration, with its reason.",
  ];
}

function openItem({ workload, standing }: JudgedWorkload): string {
  const must = standing.kind === "required" ? " (required)" : "";
  const { cli, comment } = commandsOf(workload);
  return `${called(workload)}${must}: ${code(cli)}, or ${code(comment)}`;
}

function called({ how, service, targets, kind, path, line }: NewWorkload): string {
  const freed = how === "freed" ? ", which could not be opted in before" : "";
  return `${escaped(service)} in ${escaped(namesOf(targets).join(", "))}, a ${escaped(kind)} at line ${line} of ${escaped(path)}${freed}`;
}

function namesOf(targets: NewWorkload["targets"]): readonly string[] {
  return targets.map(({ name }) => name);
}

/** The commands that opt it in; a name that a shell would take for more than a word is quoted. */
function commandsOf({ service, targets, isWhole }: NewWorkload): { readonly cli: string; readonly comment: string } {
  const name = quoted(service);
  const some = isWhole ? "" : ` --target ${quoted(namesOf(targets).join(","))}`;
  return { cli: `npx tidegate opt-in ${name}${some}`, comment: `/opt-in ${service}` };
}

function quoted(word: string): string {
  return /^[\w@./,:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What needs no template, and why. */
function letGo(workloads: readonly JudgedWorkload[]): readonly string[] {
  const items = workloads.flatMap(({ workload, standing }) => {
    switch (standing.kind) {
      case "advised":
      case "required":
        return [];
      case "exempt":
        return [`${called(workload)}: exempt, ${escaped(standing.reason)}`];
      case "unfit":
        return [`${called(workload)}: ${unfitText(standing.unfit)}`];
      default:
        return unreachable(standing);
    }
  });
  return items.length === 0 ? [] : [`New without a template, and let go:\n\n${list(items, MOST_LISTED)}`];
}

function unfitText({ path, line, found, why, advice }: Unfit): string {
  const where = path === "" ? "" : ` at line ${line} of ${escaped(path)}`;
  return `cannot be opted in: ${escaped(found)}${where}; ${escaped(why)}. To change that: ${escaped(advice)}`;
}

function pitfallText(pitfalls: readonly JudgedPitfall[]): readonly string[] {
  if (pitfalls.length === 0) return [];
  return [
    `Pitfalls that were not there before:\n\n${list(pitfalls.map(pitfallItem), MOST_LISTED)}`,
    "A comment in the manifest allows one, with its reason: `# tidegate-lint: allow <rule> because <reason>`.",
  ];
}

function pitfallItem({ pitfall, isFailing }: JudgedPitfall): string {
  const { rule, severity, path, line, what, why, fix } = pitfall;
  const must = isFailing ? `${severity}, which fails` : severity;
  return `line ${line} of ${escaped(path)}: ${escaped(what)} (${code(rule)}, ${must}). Why: ${escaped(why)}. Fix: ${escaped(fix)}`;
}

/** A remark where the place is in the diff; elsewhere GitHub has no line to show it at. */
function annotationOf({ pitfall, isFailing }: JudgedPitfall): readonly Annotation[] {
  const { path, line, rule, what, why, fix, isChanged } = pitfall;
  if (!isChanged) return [];
  const level = isFailing ? ("failure" as const) : ("warning" as const);
  return [{ path, line, level, title: `${rule}: ${plain(what)}`, message: sayingWhy({ what, why, fix }) }];
}

function sayingWhy({ what, why, fix }: Pick<Pitfall, "what" | "why" | "fix">): string {
  return [`${plain(what)}.`, `Why: ${plain(why)}.`, `Fix: ${plain(fix)}.`].join("\n");
}
