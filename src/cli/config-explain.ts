import { meant } from "./command-line.ts";
import { problemText } from "../config/document.ts";
import { explained, type Row } from "../config/explained.ts";
import { parseHeld, type Extended } from "../config/extended.ts";
import { resolve, type Settings } from "../config/resolve.ts";
import type { Surroundings } from "./config-check.ts";
import { hostsIn } from "../config/written-hosts.ts";
import { UserError } from "../core/error.ts";
import { err, type Result } from "../core/result.ts";
import { deliveredIn, type Delivered } from "./delivered.ts";
import { shown } from "../manifest/services/table.ts";
import type { TextFile } from "../yaml/refusal.ts";

/** What goes for a service in a target, or why nothing does there, a sentence's end. */
export type Explained = Pick<Delivered, "service" | "target"> & { readonly rows: Result<readonly Row[], string> };

/** What goes for the services of a checkout; `word` names one of them, or one in one target: `cart` or `cart/prod`. Throws a UserError where the configuration cannot be read, and where there is none of that name. */
export function explainConfig(
  file: TextFile,
  { checkout, operator, shared }: Surroundings,
  word: string | undefined,
): readonly Explained[] {
  const { written, settings } = readOrThrow(file, { operator, shared });
  return membersOf(deliveredIn(checkout, file).members, word).map(({ service, target, paths }) => ({
    service,
    target,
    rows: explained(written, settings, { service, target, paths }),
  }));
}

type Read = { readonly written: Extended; readonly settings: Settings };

/** Which hosts are allowed is a question for check: here all are that the file names. */
function readOrThrow(file: TextFile, { operator, shared }: Omit<Surroundings, "checkout">): Read {
  const held = parseHeld(file, shared);
  const settings =
    held.kind === "err"
      ? err(held.error)
      : resolve(held.value.written, {
          ...operator,
          hosts: hostsIn(held.value.written, operator.forms).map(({ origin }) => origin),
        });
  if (held.kind === "ok" && settings.kind === "ok") return { written: held.value.written, settings: settings.value };
  const problems = settings.kind === "err" ? settings.error : [];
  throw new UserError([...problems.map(problemText), "tidegate config check says more."].join("\n"));
}

function membersOf(members: readonly Delivered[], word: string | undefined): readonly Delivered[] {
  if (word === undefined) return members;
  const [service = "", target] = word.split("/");
  const named = members.filter((one) => one.service === service);
  if (named.length === 0)
    throw new UserError(`There is no service ${service} here.${meant(service, namesOf(members, "service"))}`);
  const there = named.filter((one) => target === undefined || one.target === target);
  if (there.length > 0) return there;
  const targets = namesOf(named, "target");
  throw new UserError(`${service} is in no target ${target} here, but in ${targets.join(", ")}.`);
}

function namesOf(members: readonly Delivered[], key: "service" | "target"): readonly string[] {
  return [...new Set(members.map((one) => one[key]))];
}

/** One line for each service in each target. */
export function overviewText(all: readonly Explained[]): string {
  const rows = all.map(({ service, target, rows: { ...found } }) => {
    if (found.kind === "err") return [service, target, `- ${found.error}`];
    const said = new Map(found.value.map(({ key, text }) => [key, text]));
    return [service, target, ...OVERVIEW.map((key) => said.get(key) ?? "-")];
  });
  return `${aligned([["SERVICE", "TARGET", ...OVERVIEW.map((key) => key.toUpperCase())], ...rows])}\n`;
}

const OVERVIEW = ["wave", "steps", "bake", "evidence"] as const;

/** Every key of one service in one target. */
export function explainedText(path: string, { service, target, rows }: Explained): string {
  const head = `${service} in ${target}`;
  if (rows.kind === "err") return `${head}\n  no release begins: ${shown(rows.error)}\n`;
  const lines = rows.value.map(({ key, text, line, path: other = path }) => [
    `  ${key}`,
    shown(text),
    line === undefined ? "unless said" : `${shown(other)}:${line}`,
  ]);
  return `${head}\n${aligned(lines)}\n`;
}

/** Columns, each as wide as its widest cell but for the last of a row. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.slice(0, -1).entries())
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  "),
    )
    .join("\n");
}
