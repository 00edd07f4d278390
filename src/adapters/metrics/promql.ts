import { UserError } from "../../core/error.ts";
import type { Name } from "../../core/names.ts";

/** One condition on a label: equal to a text, or matched as a whole by a regular expression. */
export type Matcher = { readonly label: string; readonly op: "=" | "=~"; readonly value: string };

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

// The alphabet of Kubernetes' generated names: no vowels, nothing that looks like another character. It has no dash, so a workload whose name begins with another's is never mistaken for it.
const SAFE = "[bcdfghjklmnpqrstvwxz2456789]";
// A generated name keeps 58 characters before its five random ones: longer workloads lose the end of the hash, or the dash after it.
const CUT_ABOVE = 46;

/** What follows a workload's name in its pods' names. */
const WHOLE_END = `-${SAFE}{1,10}-${SAFE}{5}`;
const CUT_END = `-${SAFE}{0,10}-?${SAFE}{5}`;
const OF_WHOLE = new RegExp(`^(.+)${WHOLE_END}$`);
const AFTER_CUT = new RegExp(`^${CUT_END}$`);
// A revision of Knative's has a Deployment that is called after it, as it is after its Configuration (serving 98e5ef90, pkg/reconciler/revision/resources/names).
const REVISION = "-[0-9]{5}-deployment";
const REVISION_LENGTH = "-00001-deployment".length;
const OF_REVISION = new RegExp(`^(.+)${REVISION}$`);

/** Throws a UserError on what Prometheus does not take as the name of a metric. */
export function metricName(value: string): string {
  if (!METRIC.test(value)) throw new UserError(`Not the name of a metric: ${JSON.stringify(value)}.`);
  return value;
}

/** Throws a UserError on what Prometheus does not take as the name of a label. */
export function labelName(value: string): string {
  if (!LABEL.test(value)) throw new UserError(`Not the name of a label: ${JSON.stringify(value)}.`);
  return value;
}

/** The text of an instant vector selector; values are quoted, names are checked (UserError). */
export function selector(metric: string, matchers: readonly Matcher[]): string {
  const inside = matchers.map(({ label, op, value }) => `${labelName(label)}${op}${quoted(value)}`);
  return `${metricName(metric)}{${inside.join(",")}}`;
}

/** A regular expression for any port's number or its name, where that holds no dash. */
export const PORT = "[a-z0-9]{1,15}";

/** A regular expression, of RE2 and of JavaScript, for exactly this text. */
export function quotedPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A regular expression for any of some, in one group where there are several. */
export function anyOf(patterns: readonly string[]): string {
  return patterns.length === 1 ? patterns.join("") : `(?:${patterns.join("|")})`;
}

/** A regular expression for the names of the pods of some Deployments or Knative Configurations; the same text means the same to RE2 and to JavaScript. */
export function podsPattern(workloads: readonly Name[]): string {
  const byEnd = Map.groupBy(workloads, endOf);
  return [...byEnd].map(([end, names]) => `${anyOf(names)}${end}`).join("|");
}

/** A longer Configuration's name is not whole in those of its revisions' Deployments. */
function endOf({ length }: string): string {
  if (length > CUT_ABOVE) return CUT_END;
  if (length + REVISION_LENGTH <= CUT_ABOVE) return `(?:${REVISION})?${WHOLE_END}`;
  return `(?:${WHOLE_END}|${REVISION}${CUT_END})`;
}

/** Every name of a workload whose pattern a pod's name matches: one, of a revision's pod also its Configuration's, and for long names also what may have lost its end. */
export function workloadsOf(pod: string): readonly string[] {
  const deployments = deploymentsOf(pod);
  const configurations = deployments.flatMap((name) => OF_REVISION.exec(name)?.[1] ?? []);
  return [...deployments, ...configurations.filter((name) => !isCut(name))];
}

function deploymentsOf(pod: string): readonly string[] {
  const whole = OF_WHOLE.exec(pod)?.[1];
  const cut: string[] = [];
  for (let length = CUT_ABOVE + 1; length < pod.length; length += 1)
    if (AFTER_CUT.test(pod.slice(length))) cut.push(pod.slice(0, length));
  return whole === undefined || isCut(whole) ? cut : [whole, ...cut];
}

function isCut({ length }: string): boolean {
  return length > CUT_ABOVE;
}

/**
 * Whether a pod may bear a name that the patterns of both workloads match: they are the same, or the end of the longer name reads like a hash
 * after the shorter one, and is long enough for its own hash to be cut off; or it reads like the Deployment of a revision of the shorter one.
 */
export function areOfOne(one: Name, other: Name): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short === long) return true;
  if (new RegExp(`^${short}${REVISION}(?:-${SAFE}{1,10})?$`).test(long)) return true;
  return isCut(long) && new RegExp(`^${short}-${SAFE}{1,10}$`).test(long);
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
