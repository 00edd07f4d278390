import { unreachable } from "../../core/unreachable.ts";
import { columns, counted, short, shown } from "../services/table.ts";
import type { Besides, Delta, LooseBump, MemberBump, Move } from "./model.ts";

const HEAD = ["SERVICE", "TARGET", "IMAGE", "FROM", "TO", "SET IN", ""] as const;
/** So many lines of one kind are read by people; the JSON document has all. */
const MOST = 100;

/** What lies between two commits, for people. Foreign text is shown on its line, what steers terminals by its code. */
export function deltaText(delta: Delta): string {
  const { bumps, loose, besides } = delta;
  const parts = [
    headline(delta),
    bumps.length === 0 ? "" : bumpTable(bumps),
    loose.length === 0 ? "" : `In files that no service is known to read:\n\n${lines(loose, looseText)}`,
    besides.length === 0 ? "" : `Other changes:\n\n${lines(besides, besidesText)}`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headline({ kind, bumps, loose, besides }: Delta): string {
  switch (kind) {
    case "bump":
      return `Nothing but bumps: ${countText(bumps, loose)}.`;
    case "mixed":
      return `Bumps with other changes: ${countText(bumps, loose)}; ${counted(besides.length, "other change")}.`;
    case "none":
      return besides.length === 0 ? "No change." : `No bump; ${counted(besides.length, "other change")}.`;
    default:
      return unreachable(kind);
  }
}

function countText(bumps: readonly MemberBump[], loose: readonly LooseBump[]): string {
  const services = new Set(bumps.map(({ service, home }) => JSON.stringify([service, home])));
  const targets = new Set(bumps.map(({ target }) => target));
  const named =
    bumps.length === 0 ? [] : [`${counted(services.size, "service")} in ${counted(targets.size, "target")}`];
  const nobodys = loose.length === 0 ? [] : [`${loose.length} of no known service`];
  return [...named, ...nobodys].join(", ");
}

function bumpTable(bumps: readonly MemberBump[]): string {
  const left = bumps.length - MOST;
  const table = columns([HEAD, ...bumps.slice(0, MOST).map(rowOf)]);
  return left > 0 ? `${table}\nand ${left} more` : table;
}

function rowOf({ service, target, set, effect, ...move }: MemberBump): readonly string[] {
  const { from, to } = move;
  const remark = {
    runs: "",
    overruled: "another place says what it runs",
    unclear: "whether it runs this is not said",
  };
  return [service, target, imageText(move), short(from), short(to), `${set.path}:${set.line}`, remark[effect]];
}

function imageText({ image, imageFrom }: Move): string {
  return image === imageFrom || imageFrom === undefined ? (image ?? "?") : `${imageFrom} → ${image ?? "?"}`;
}

function looseText({ set, ...move }: LooseBump): string {
  const { from, to } = move;
  return `${shown(set.path)}:${set.line}: ${shown(imageText(move))} ${shown(short(from))} → ${shown(short(to))}`;
}

const KINDS: Readonly<Record<Exclude<Besides["kind"], "other">, string>> = {
  "chart-version": "the version of a chart",
  replicas: "replicas",
  format: "format",
  moved: "moved from",
  "new-object": "new",
  "removed-object": "gone",
  comment: "a comment",
  mode: "mode",
  unread: "not read",
  "new-service": "a new service",
  "removed-service": "a service gone",
};

function besidesText(one: Besides): string {
  return `${shown(one.path)}:${one.line}: ${shown(besidesWords(one))}`;
}

/** Of what kind a change that is no image's is, and what it is. */
export function besidesWords({ kind, what }: Pick<Besides, "kind" | "what">): string {
  return kind === "other" ? what : `${KINDS[kind]}: ${what}`;
}

function lines<T>(all: readonly T[], text: (one: T) => string): string {
  const told = all.slice(0, MOST).map((one) => `  ${text(one)}`);
  return all.length > MOST ? [...told, `  and ${all.length - MOST} more`].join("\n") : told.join("\n");
}
