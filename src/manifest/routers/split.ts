import { isWeight, NO_WEIGHT, WHOLE as ALL, type Weight } from "../../core/weight.ts";
import { peek, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { insertKey } from "../insert.ts";
import type { Resource } from "../resource.ts";
import { set } from "../scalar.ts";
import { percentOf, setMirrors, type Mirror } from "./mirrors.ts";
import type { Arm, ByArm, Mirroring, RouteOf, Router, Testers } from "./router.ts";
import type { Scale } from "./scale.ts";

/** One entry of a rule's list, and which arm it is of, if any. */
export type Backend = {
  readonly document: number;
  readonly path: YamlPath;
  /** The key of the weight, in what stands at the path. */
  readonly key: string;
  readonly arm: Arm | undefined;
  /** In counts of the rule's scale; undefined: not written. */
  readonly weight: number | undefined;
};

/** One rule of a route with its list of backends: where that begins in the file, and what refusals call the rule. */
export type Rule = {
  readonly at: number;
  readonly called: string;
  readonly backends: readonly Backend[];
  readonly scale: Scale;
  /** What a weight that is not written counts for; undefined where it must be written. */
  readonly missing: number | undefined;
  /** Where the rule stands in text within the file. */
  readonly within?: Within;
  /** It is for requests with a header alone. */
  readonly isForTesters?: boolean;
  /** Its mirrors to the canary. Throws Refused where one is more than it seems. */
  readonly mirrors?: () => readonly Mirror[];
};

/** Text within a scalar, such as JSON in an annotation: read and edited by itself, and put back. */
export type Within = { readonly source: Source; readonly lift: (outer: Draft, inner: Draft) => Draft };

/** A kind of route whose rules list backends with weights. */
export type RuleKind = {
  /** The key of the weight as people write it; `weight` where it is not said. */
  readonly weight?: string;
  /** The keys of a backend behind which a new weight stands. */
  readonly behind: readonly string[];
  /** The rules of the file's routes that may be the member's. */
  readonly rules: (source: Source, of: RouteOf) => readonly Rule[];
  /** What the arms are called in this kind of route. */
  readonly names: (source: Source, of: RouteOf) => ByArm<string>;
  /** Refuses a file without any route of the kind that may be the member's. */
  readonly checkAny: (source: Source, of: RouteOf) => void;
  /** What all weights of a rule must add up to, in counts, where that is fixed. */
  readonly sum?: number;
  /** Rules of the kind may be for testers. */
  readonly hasTesters?: boolean;
  /** Rules of the kind may send copies of their requests to somebody else. */
  readonly hasMirrors?: boolean;
};

const WHOLE = 100;

/** The router of such a kind: every rule with both arms has the same share; rules with one of them, other rules and other backends stay. */
export function ruleRouter(kind: RuleKind): Router {
  return {
    read: (file, of) => attempt(() => splitsOf(kind, readSource(file), of)[0].share),
    set: (file, of, weight) =>
      attempt(() => {
        const source = readSource(file);
        return setAll(source, splitsOf(kind, source, of), () => weight);
      }),
    ...(kind.hasTesters === true && { testers: testersOf(kind) }),
    ...(kind.hasMirrors === true && { mirror: mirrorOf(kind) }),
  };
}

function testersOf(kind: RuleKind): Testers {
  return {
    read: (file, of) =>
      attempt(() => {
        const splits = splitsOf(kind, readSource(file), of);
        return isTested(splits) ? splits.some(({ share }) => share !== splits[0].share) : undefined;
      }),
    set: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        const splits = splitsOf(kind, source, of);
        if (!isTested(splits)) return refuse(source, splits[0].rule.at, "no rule for testers", LACKING);
        return setAll(source, splits, ({ isForTesters }) => (isForTesters === true ? ALL : NO_WEIGHT));
      }),
  };
}

function mirrorOf(kind: RuleKind): Mirroring {
  return {
    read: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        return percentOf(source, mirrorsIn(splitsOf(kind, source, of)), kind.names(source, of).canary);
      }),
    set: (file, of, percent) =>
      attempt(() => {
        const source = readSource(file);
        const splits = splitsOf(kind, source, of);
        const { canary } = kind.names(source, of);
        if (mirrorsIn(splits).length === 0)
          return refuse(source, splits[0].rule.at, `no mirror to ${canary}`, "the rule with both arms has one");
        return setAll(source, splits, () => NO_WEIGHT, percent);
      }),
  };
}

function mirrorsIn(splits: readonly Split[]): readonly Mirror[] {
  return splits.flatMap(({ rule }) => rule.mirrors?.() ?? []);
}

const LACKING = "testers have a rule with both arms that asks for a header, before a rule for everybody";

/** Whether some of the rules are for testers, and others for everybody. */
function isTested(splits: readonly Split[]): boolean {
  return new Set(splits.map(({ rule }) => rule.isForTesters === true)).size === 2;
}

function setAll(source: Source, splits: readonly Split[], wanted: (rule: Rule) => Weight, mirror = 0): string {
  const moved = splits.filter(({ rule, share }) => share !== wanted(rule));
  const draft = moved.reduce((before, split) => setSplit(source, before, split, wanted(split.rule)), NO_EDIT);
  return edited(source, setMirrors(source, draft, mirrorsIn(splits), mirror));
}

/** What refusals call a rule: its place, and the object that has it. */
export function ruleName(place: string, { tree }: Resource): string {
  const [kind = "", name = ""] = [peekText(tree, ["kind"]), peekText(tree, ["metadata", "name"])];
  return `${place} of ${kind} ${quote(name)}`;
}

/** The two arms in one rule. */
export type Split = {
  readonly rule: Rule;
  readonly kind: RuleKind;
  readonly canary: Backend;
  readonly stable: Backend;
  readonly share: Weight;
};

/** The rules with both arms, those for testers last. Throws Refused where there is none, and where their shares differ, but for testers who all go to the canary alone. */
export function splitsOf(kind: RuleKind, source: Source, of: RouteOf): readonly [Split, ...Split[]] {
  const rules = kind.rules(source, of);
  const names = kind.names(source, of);
  const found = rules.flatMap((rule) => splitOf(kind, source, rule, names) ?? []);
  const [first, ...others] = found.toSorted((a, b) => turnOf(a) - turnOf(b));
  if (first === undefined) {
    kind.checkAny(source, of);
    return refuseUnsplit(kind, source, rules, names);
  }
  const other = others.find(({ share }) => share !== first.share);
  if (other === undefined || isTest([first, ...others])) return [first, ...others];
  const differs = `${other.share}% for ${names.canary} in ${other.rule.called} and ${first.share}% in ${first.rule.called}`;
  return refuse(source, other.rule.at, differs, "every rule with both of them has the same share");
}

function turnOf({ rule }: Split): number {
  return rule.isForTesters === true ? 1 : 0;
}

/** Testers have the canary, and nobody else. */
function isTest(splits: readonly Split[]): boolean {
  return (
    isTested(splits) && splits.every(({ share, rule }) => share === (rule.isForTesters === true ? ALL : NO_WEIGHT))
  );
}

function refuseUnsplit(
  { weight = "weight" }: RuleKind,
  source: Source,
  rules: readonly Rule[],
  { canary, stable }: ByArm<string>,
): never {
  const half = rules.find(({ backends }) => backends.some(({ arm }) => arm !== undefined));
  const found = half === undefined ? "" : ` (${half.called} has one of them)`;
  const why = `a rule that is moved has both: write ${canary} with ${weight}: 0 and ${stable} with ${weight}: 100`;
  return refuse(source, half?.at ?? 0, `no rule with both ${canary} and ${stable}${found}`, why);
}

function splitOf(kind: RuleKind, source: Source, rule: Rule, names: ByArm<string>): Split | undefined {
  const canary = onlyOne(source, rule, "canary", names);
  const stable = onlyOne(source, rule, "stable", names);
  if (canary === undefined || stable === undefined) return undefined;
  checkSum(kind, source, rule);
  const share = percent(source, rule, counted(source, rule, canary), counted(source, rule, stable));
  return { rule, kind, canary, stable, share };
}

/** The one backend of an arm, if any. Throws Refused where there are several. */
export function onlyOne(source: Source, rule: Rule, arm: Arm, names: ByArm<string>): Backend | undefined {
  const [first, second] = rule.backends.filter((backend) => backend.arm === arm);
  if (second !== undefined) refuse(source, rule.at, `${names[arm]} twice`, "a rule has a backend once");
  return first;
}

function counted(source: Source, { at, called, missing }: Rule, { weight = missing }: Backend): number {
  return weight ?? refuse(source, at, `a backend without a weight in ${called}`, "its weight is written out");
}

function checkSum({ sum }: RuleKind, source: Source, rule: Rule): void {
  if (sum === undefined) return;
  const { print } = rule.scale;
  const total = rule.backends.reduce((before, backend) => before + counted(source, rule, backend), 0);
  if (total !== sum) refuse(source, rule.at, `weights that add up to ${print(total)}`, `they add up to ${print(sum)}`);
}

function percent(source: Source, { at, scale }: Rule, canary: number, stable: number): Weight {
  const share = (canary * WHOLE) / (canary + stable);
  if (isWeight(share)) return share;
  const found = `weights ${scale.print(canary)} and ${scale.print(stable)}`;
  return refuse(source, at, found, "the canary's share is a whole per cent of the two");
}

function setSplit(source: Source, draft: Draft, split: Split, weight: Weight): Draft {
  const { rule, canary, stable } = split;
  const total = totalFor(source, split, weight);
  const part = (total * weight) / WHOLE;
  return editIn(source, draft, rule, (inside, before) =>
    setWeight(inside, setWeight(inside, before, [split, canary], part), [split, stable], total - part),
  );
}

/** The draft with an edit made in the text that a rule stands in. */
export function editIn(
  source: Source,
  draft: Draft,
  { within }: Pick<Rule, "within">,
  work: (source: Source, draft: Draft) => Draft,
): Draft {
  return within === undefined ? work(source, draft) : within.lift(draft, work(within.source, NO_EDIT));
}

// A sum that was written stays where the share can be written in it; else it becomes 100, if nothing else shares the rule.
function totalFor(source: Source, { rule, canary, stable }: Split, weight: Weight): number {
  const { scale, backends } = rule;
  const [one, other] = [counted(source, rule, canary), counted(source, rule, stable)];
  const isAlone = backends.length === 2;
  const isWritten = canary.weight !== undefined || stable.weight !== undefined;
  const higher = ((one + other) * Math.max(weight, WHOLE - weight)) / WHOLE;
  if (Number.isInteger(higher) && higher <= scale.most && (isWritten || !isAlone)) return one + other;
  if (isAlone) return scale.whole;
  const sum = scale.print(one + other);
  const why = `${weight}% cannot be written in a sum of ${sum}, and another sum would change the other backends' share`;
  return refuse(source, rule.at, `weights ${scale.print(one)} and ${scale.print(other)} beside other backends`, why);
}

function setWeight(source: Source, draft: Draft, [split, backend]: readonly [Split, Backend], count: number): Draft {
  const { rule, kind } = split;
  const { document, path, key, weight } = backend;
  if ((weight ?? rule.missing) === count) return draft;
  const value = rule.scale.print(count);
  if (weight === undefined)
    return insertKey(source, draft, { document, path }, { key, value, slot: { kind: "after", keys: kind.behind } });
  const place = [...path, key];
  const node = peek(source.documents[document], place);
  const isText = node?.kind === "scalar" && typeof node.value === "string";
  return set(source, draft, { document, path: place, value: isText ? String(value) : value });
}
