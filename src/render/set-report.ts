import type { Stage } from "../core/stage.ts";
import type { Check, Gate } from "./check.ts";
import { clip, details, escaped, table } from "./markdown.ts";
import { hashOf } from "./record.ts";
import { LONGEST_TITLE } from "./title.ts";
import { named } from "./wave.ts";

/** Furthest from a merge first. */
const SLOWEST: readonly Stage["kind"][] = [
  "failed",
  "held",
  "diverged",
  "proposing",
  "syncing",
  "measuring",
  "gathering",
  "baking",
  "refused",
  "paced",
  "passed",
];

const MOST_PICTURES = 6;

/** One report for the members that stand at one step: its title is what the slowest of those lacks that it moves, and each has a row. */
export function setReport(gates: readonly Gate[]): Omit<Check, "name" | "headSha"> {
  const moving = movingOf(gates);
  const slowest = slowestOf(moving);
  const conclusion = conclusionOf(moving);
  const title = clip(titleOf(moving, slowest), LONGEST_TITLE);
  return {
    externalId: hashOf(
      conclusion ?? "open",
      gates.map(({ check }) => check.externalId),
      moving.map(nameOf),
    ),
    conclusion,
    title,
    summary: summaryOf(gates, { moving, slowest, title }),
    text: gates
      .map(({ member, check }) => details(member.target, `${check.summary}\n\n${check.text ?? ""}`))
      .join("\n\n"),
    actions: conclusion === "action_required" ? (slowest?.check.actions ?? []) : [],
    pictures: [...moving, ...gates.filter((gate) => !moving.includes(gate))]
      .flatMap(({ check }) => check.pictures)
      .slice(0, MOST_PICTURES),
  };
}

/** Those that the pull request moves; the others stand at its step and stay behind for now. */
function movingOf(gates: readonly Gate[]): readonly Gate[] {
  const moving = gates.filter(({ member }) => member.pull?.moves.includes(member.target) === true);
  return moving.length > 0 ? moving : gates;
}

function slowestOf(gates: readonly Gate[]): Gate | undefined {
  return gates.toSorted((one, two) => rankOf(one) - rankOf(two) || untilOf(two) - untilOf(one))[0];
}

function rankOf({ stage }: Gate): number {
  return SLOWEST.indexOf(stage.kind);
}

function untilOf({ stage }: Gate): number {
  return "until" in stage ? stage.until : 0;
}

// Worst first: one that needs a person outranks any number that have passed.
const CONCLUSIONS: readonly Check["conclusion"][] = ["failure", "action_required", undefined];

function conclusionOf(moving: readonly Gate[]): Check["conclusion"] {
  const all = new Set(moving.map(({ check }) => check.conclusion));
  const worst = CONCLUSIONS.find((one) => all.has(one));
  return all.has(worst) ? worst : "success";
}

function titleOf(moving: readonly Gate[], slowest: Gate | undefined): string {
  const passed = moving.filter(({ check }) => check.conclusion === "success").length;
  const count = passed === moving.length ? `All ${moving.length} passed` : `${passed} of ${moving.length} passed`;
  return slowest === undefined ? count : `${count}; ${slowest.member.target}: ${lowered(slowest.check.title)}`;
}

function lowered(words: string): string {
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

type Said = { readonly moving: readonly Gate[]; readonly slowest: Gate | undefined; readonly title: string };

function summaryOf(gates: readonly Gate[], { moving, slowest, title }: Said): string {
  const rows = gates.map((gate) => [
    gate.member.target,
    moving.includes(gate) ? wordOf(gate) : "stays behind",
    escaped(gate.check.title),
  ]);
  const behind = gates.filter((gate) => !moving.includes(gate)).map(nameOf);
  const parts = [
    `**${escaped(title)}.**`,
    table(["target", "", "where it stands"], rows, [0, 1, 2]),
    behind.length === 0
      ? undefined
      : `The others go on without ${named(behind)}, which keeps its weight and gets a pull request of its own.`,
    slowest?.check.summary,
  ];
  return parts.filter((part) => part !== undefined).join("\n\n");
}

function wordOf({ check }: Gate): string {
  return check.conclusion === "success" ? "passed" : (check.conclusion ?? "in progress").replaceAll("_", " ");
}

function nameOf({ member }: Gate): string {
  return member.target;
}
