import type { Action } from "../../src/core/action.ts";

/** Time since the beginning of a story, as in 0:03:20. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** An action in one line: whose, what, and why. */
export function actionWords(action: Action): string {
  const whose = "member" in action ? `${action.member.state.service} ` : "";
  return `${whose}${action.kind}${detailOf(action)}`;
}

function detailOf(action: Action): string {
  switch (action.kind) {
    case "land":
      return ` ${fallWords(action.fall)}`;
    case "propose":
      return ` ${stepWords(action.step)}${action.pull === "kept" ? ", on the branch alone" : ""}`;
    case "merge":
      return ` ${stepWords(action.step)} #${action.number}${action.override === undefined ? "" : ` on ${action.override.by}'s word`}`;
    case "reportGate":
      return ` #${action.number}: ${stageWords(action.stage)}`;
    case "reply":
      return ` to comment ${action.comment.id}: ${action.answers.flatMap(({ outcomes }) => outcomes.map(outcomeWords)).join(", ")}`;
    case "note":
      return ` on #${action.pull}: ${action.note.kind}`;
    case "close":
      return ` #${action.pull.number}`;
    case "reportPlan":
      return ` #${action.bump.number}`;
    case "reportRefusal":
      return ` ${action.refusal.service}: ${action.refusal.problems.join("; ")}`;
    case "prune":
      return ` ${action.litter.branch}`;
    default:
      return "";
  }
}

function fallWords(fall: Extract<Action, { readonly kind: "land" }>["fall"]): string {
  if ("aborting" in fall) return `${fall.kind}: ${fall.aborting.reason}`;
  return `${fall.kind} by ${fall.by}`;
}

function stepWords({
  index,
  kind,
  weight,
}: {
  readonly index: number;
  readonly kind: string;
  readonly weight: number;
}): string {
  return `step ${index} ${kind} ${weight}%`;
}

function stageWords(stage: { readonly kind: string }): string {
  const facts = Object.entries(stage as Readonly<Record<string, unknown>>).flatMap(([key, value]) =>
    hasWords(value) ? [String(value.kind)] : key === "overdue" && value === true ? ["overdue"] : [],
  );
  return [stage.kind, ...facts].join(", ");
}

function hasWords(value: unknown): value is { readonly kind: unknown } {
  return typeof value === "object" && value !== null && "kind" in value;
}

function outcomeWords(outcome: object): string {
  return Object.entries(outcome)
    .flatMap(([key, value]) => (["kind", "verb", "why"].includes(key) ? [String(value)] : []))
    .join(" ");
}

/** The arguments of a call that say which it was. */
export function givenWords(given: readonly unknown[]): string {
  const words = given.flatMap((one) => {
    if (typeof one === "string" || typeof one === "number") return [shortened(String(one))];
    if (typeof one !== "object" || one === null) return [];
    return ["branch", "name", "title"].flatMap((key) =>
      key in one ? [shortened(String((one as Record<string, unknown>)[key]))] : [],
    );
  });
  return words.slice(0, 3).join(" ");
}

function shortened(text: string): string {
  return /^[0-9a-f]{40}$/.test(text) ? text.slice(0, 7) : text.replaceAll("\n", " ").slice(0, 60);
}
