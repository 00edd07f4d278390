import { peek } from "../yaml/look.ts";
import { attempt, type TextFile } from "../yaml/refusal.ts";
import { readSource } from "../yaml/source.ts";
import type { Tree } from "../yaml/tree.ts";
import type { Ground, Remark, Texts } from "./model.ts";

/** Where Renovate looks for its configuration, in its own order; the first that is there counts. */
const RENOVATE = [
  "renovate.json",
  "renovate.json5",
  ".github/renovate.json",
  ".github/renovate.json5",
  ".renovaterc",
  ".renovaterc.json",
  ".renovaterc.json5",
] as const;
const DEPENDABOT = [".github/dependabot.yml", ".github/dependabot.yaml"] as const;

const OWNED = ["**/tidegate/**", ".tidegate/**"] as const;

/** A rule, not `ignorePaths`: of several presets that one wins alone, and the usual ones set it. Its description tells ours from a rule of people's. */
const RULE = {
  description: "Only Tidegate writes these files",
  matchFileNames: [...OWNED],
  enabled: false,
} as const;

/** What bump bots of the repository are told, and what people are to tell them. */
export type Told = { readonly files: Texts; readonly remarks: readonly Remark[] };

/** Where they have nothing to leave alone. */
export const NOTHING_TOLD: Told = { files: new Map(), remarks: [] };

/** Tells the bump bots that the repository configures to leave owned files alone: a version that a bot writes there reaches stable without a gate. */
export function botsTold(ground: Ground): Told {
  const renovate = firstOf(ground, RENOVATE);
  const dependabot = firstOf(ground, DEPENDABOT);
  const told = renovate === undefined ? NOTHING_TOLD : renovateTold(renovate);
  if (dependabot === undefined || !/package-ecosystem:\s*["']?(?:docker|helm)/.test(dependabot.text)) return told;
  const says = `Dependabot is to leave owned files alone: exclude-paths with ${OWNED.map((path) => `"${path}"`).join(" and ")}`;
  return { ...told, remarks: [...told.remarks, remark(dependabot.path, says)] };
}

/** Takes the rule out again where no owned file is left. */
export function botsUntold(ground: Ground, leaving: Texts): Texts {
  const renovate = firstOf(ground, RENOVATE);
  const isKept = [...ground.inventory.listing.keys()].some(
    (path) => isOwned(path) && (!leaving.has(path) || leaving.get(path) !== undefined),
  );
  const text = renovate === undefined || isKept ? undefined : withoutRule(renovate);
  return renovate === undefined || text === undefined ? new Map() : new Map([[renovate.path, text]]);
}

function isOwned(path: string): boolean {
  return /(?:^|\/)tidegate\//.test(path) || path.startsWith(".tidegate/services/");
}

function firstOf({ inventory: { listing }, read }: Ground, paths: readonly string[]): TextFile | undefined {
  const path = paths.find((one) => listing.has(one));
  const text = path === undefined ? undefined : read(path);
  return path === undefined || text === undefined ? undefined : { path, text };
}

function renovateTold(file: TextFile): Told {
  const text = withRule(file);
  if (text === file.text) return NOTHING_TOLD;
  if (text !== undefined) {
    const says =
      "Renovate is told to leave owned files alone: a version that it wrote there would reach stable ungated";
    return { files: new Map([[file.path, text]]), remarks: [remark(file.path, says)] };
  }
  const says = `it is no plain JSON and stays as it is; Renovate is to leave owned files alone: packageRules with ${JSON.stringify(RULE)}`;
  return { files: new Map(), remarks: [remark(file.path, says)] };
}

function remark(path: string, says: string): Remark {
  return { target: undefined, path, line: 1, says };
}

/** The key with the rule alone. Its blanks tell it from a list of people's that was empty, in which there is none before the rule. */
const COMPACT = `"packageRules": [ ${JSON.stringify(RULE)} ]`;

/** The configuration with the rule at the end of its rules; the same text where it says as much already, undefined where it is no plain JSON. */
export function withRule(file: TextFile): string | undefined {
  const root = rootOf(file);
  if (root === undefined) return undefined;
  const { text } = file;
  const rules = peek(root, ["packageRules"]);
  if (rulesOf(JSON.parse(text)).some(saysSo)) return text;
  if (rules !== undefined && rules.kind !== "list") return undefined;
  const unit = unitOf(text, root);
  const last = rules?.items.at(-1);
  if (rules !== undefined)
    return last === undefined
      ? inserted(text, rules.start + 1, JSON.stringify(RULE))
      : inserted(text, last.end, after(text, last.start, ruleText(unit, marginOf(text, last.start), text)));
  const entry = root.entries.at(-1);
  if (entry === undefined) return inserted(text, root.start + 1, COMPACT);
  const margin = marginOf(text, entry.start);
  const list =
    margin === undefined
      ? COMPACT
      : `"packageRules": [${newline(text)}${margin}${unit}${ruleText(unit, `${margin}${unit}`, text)}${newline(text)}${margin}]`;
  return inserted(text, entry.value.end, after(text, entry.start, list));
}

/** The configuration without our rule: the very text of before, where adding it to that gives what is there now. Undefined where it is not there. */
export function withoutRule(file: TextFile): string | undefined {
  const { text } = file;
  const cuts = cutsOf(file).map(([start, end]) => text.slice(0, start) + text.slice(end));
  return cuts.find((one) => withRule({ ...file, text: one }) === text) ?? cuts[0];
}

type Cut = readonly [start: number, end: number];

/** What there is to take out: our rule, or the key where it is the only one. */
function cutsOf(file: TextFile): readonly Cut[] {
  const root = rootOf(file);
  const rules = peek(root, ["packageRules"]);
  if (root === undefined || rules?.kind !== "list") return [];
  const index = rulesOf(JSON.parse(file.text)).findIndex(isOurs);
  const [before, item, next] = [rules.items[index - 1], rules.items[index], rules.items[index + 1]];
  if (item === undefined) return [];
  if (before !== undefined) return [[before.end, item.end]];
  if (next !== undefined) return [[item.start, next.start]];
  const at = root.entries.findIndex(({ key }) => key === "packageRules");
  const start = at === 0 ? root.start + 1 : root.entries[at - 1]?.value.end;
  const isLast = at === root.entries.length - 1;
  return [[item.start, item.end], ...(isLast && start !== undefined ? [[start, rules.end] as const] : [])];
}

/** Undefined where it is no JSON object, as with comments. */
function rootOf(file: TextFile): Extract<Tree, { kind: "map" }> | undefined {
  try {
    JSON.parse(file.text);
  } catch {
    return undefined;
  }
  const source = attempt(() => readSource(file));
  const [root, ...more] = source.kind === "ok" ? source.value.documents : [];
  return root?.kind === "map" && root.isFlow && more.length === 0 ? root : undefined;
}

function rulesOf(data: unknown): readonly unknown[] {
  const rules: unknown = typeof data === "object" && data !== null && "packageRules" in data ? data.packageRules : [];
  return Array.isArray(rules) ? rules : [];
}

/** Whether a rule, of whoever, turns both off, whatever else a bump is of. */
function saysSo(rule: unknown): rule is object {
  return (
    typeof rule === "object" &&
    rule !== null &&
    "enabled" in rule &&
    rule.enabled === false &&
    "matchFileNames" in rule &&
    namesAll(rule.matchFileNames) &&
    !Object.keys(rule).some((key) => key !== "matchFileNames" && /^(?:match|exclude)/.test(key))
  );
}

function isOurs(rule: unknown): boolean {
  return saysSo(rule) && "description" in rule && rule.description === RULE.description;
}

function namesAll(paths: unknown): boolean {
  return Array.isArray(paths) && OWNED.every((path) => paths.includes(path)) && !paths.some(isExcepting);
}

function isExcepting(path: unknown): boolean {
  return typeof path === "string" && path.startsWith("!");
}

function inserted(text: string, at: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at);
}

function newline(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** What stands before it on its line, where that is blank; undefined where something else is. */
function marginOf(text: string, start: number): string | undefined {
  const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return /^[ \t]*$/.test(line) && text.lastIndexOf("\n", start - 1) !== -1 ? line : undefined;
}

/** By what its keys are moved in. */
function unitOf(text: string, root: Extract<Tree, { kind: "map" }>): string {
  const [first] = root.entries;
  const margin = first === undefined ? undefined : marginOf(text, first.start);
  return margin === undefined || margin === "" ? "  " : margin;
}

function ruleText(unit: string, margin: string | undefined, text: string): string {
  if (margin === undefined) return JSON.stringify(RULE);
  return JSON.stringify(RULE, undefined, unit).replaceAll("\n", `${newline(text)}${margin}`);
}

/** A further item or key, on a line of its own where the one before it is. */
function after(text: string, start: number, piece: string): string {
  const margin = marginOf(text, start);
  return margin === undefined ? `, ${piece}` : `,${newline(text)}${margin}${piece}`;
}
