import { isWeight, weight as toWeight, type Weight } from "../../core/weight.ts";
import { peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { insertKey } from "../insert.ts";
import type { Resource } from "../resource.ts";
import { set } from "../scalar.ts";
import type { Arm, ByArm, RouteOf, Router } from "./router.ts";

/** One entry of a rule's list, and which arm it is of, if any. */
export type Backend = {
  readonly document: number;
  readonly path: YamlPath;
  readonly arm: Arm | undefined;
  /** Undefined: not written. */
  readonly weight: number | undefined;
};

/** One rule of a route with its list of backends: where that begins, and what refusals call the rule. */
export type Rule = { readonly at: number; readonly called: string; readonly backends: readonly Backend[] };

/** A kind of route whose rules list backends with weights. */
export type RuleKind = {
  /** What a weight that is not written counts for, beside others. */
  readonly missing: number;
  /** The keys of a backend behind which a new weight stands. */
  readonly behind: readonly string[];
  /** The rules of the file's routes that may be the member's. */
  readonly rules: (source: Source, of: RouteOf) => readonly Rule[];
  /** What the arms are called in this kind of route. */
  readonly names: (source: Source, of: RouteOf) => ByArm<string>;
  /** Refuses a file without any route of the kind that may be the member's. */
  readonly checkAny: (source: Source, of: RouteOf) => void;
};

const WHOLE = 100;

/** The router of such a kind: every rule with both arms has the same share; rules with one of them, other rules and other backends stay. */
export function ruleRouter(kind: RuleKind): Router {
  return {
    read: (file, of) => attempt(() => splitsOf(kind, readSource(file), of)[0].share),
    set: (file, of, weight) =>
      attempt(() => {
        const source = readSource(file);
        const splits = splitsOf(kind, source, of);
        if (splits[0].share === weight) return file.text;
        return edited(
          source,
          splits.reduce((draft, split) => setSplit(source, draft, split, weight), NO_EDIT),
        );
      }),
  };
}

/** What refusals call a rule: its place, and the object that has it. */
export function ruleName(place: string, { tree }: Resource): string {
  const [kind = "", name = ""] = [peekText(tree, ["kind"]), peekText(tree, ["metadata", "name"])];
  return `${place} of ${kind} ${quote(name)}`;
}

/** The two arms in one rule. */
type Split = {
  readonly rule: Rule;
  readonly kind: RuleKind;
  readonly canary: Backend;
  readonly stable: Backend;
  readonly share: Weight;
};

function splitsOf(kind: RuleKind, source: Source, of: RouteOf): readonly [Split, ...Split[]] {
  const rules = kind.rules(source, of);
  const names = kind.names(source, of);
  const [first, ...others] = rules.flatMap((rule) => splitOf(kind, source, rule, names) ?? []);
  if (first === undefined) {
    kind.checkAny(source, of);
    return refuseUnsplit(source, rules, names);
  }
  const other = others.find(({ share }) => share !== first.share);
  if (other === undefined) return [first, ...others];
  const found = `${other.share}% for ${names.canary} in ${other.rule.called} and ${first.share}% in ${first.rule.called}`;
  return refuse(source, other.rule.at, found, "every rule with both of them has the same share");
}

function refuseUnsplit(source: Source, rules: readonly Rule[], { canary, stable }: ByArm<string>): never {
  const half = rules.find(({ backends }) => backends.some(({ arm }) => arm !== undefined));
  const found = half === undefined ? "" : ` (${half.called} has one of them)`;
  const why = `a rule that is moved has both: write ${canary} with weight: 0 and ${stable} with weight: 100`;
  return refuse(source, half?.at ?? 0, `no rule with both ${canary} and ${stable}${found}`, why);
}

function splitOf(kind: RuleKind, source: Source, rule: Rule, names: ByArm<string>): Split | undefined {
  const canary = onlyOne(source, rule, "canary", names);
  const stable = onlyOne(source, rule, "stable", names);
  if (canary === undefined || stable === undefined) return undefined;
  const share = percent(source, rule, canary.weight ?? kind.missing, stable.weight ?? kind.missing);
  return { rule, kind, canary, stable, share };
}

function onlyOne(source: Source, { at, backends }: Rule, arm: Arm, names: ByArm<string>): Backend | undefined {
  const [first, second] = backends.filter((backend) => backend.arm === arm);
  if (second !== undefined) refuse(source, at, `${names[arm]} twice`, "a rule has a backend once");
  return first;
}

function percent(source: Source, { at }: Rule, canary: number, stable: number): Weight {
  const share = (canary * WHOLE) / (canary + stable);
  if (isWeight(share)) return share;
  return refuse(source, at, `weights ${canary} and ${stable}`, "the canary's share is a whole per cent of the two");
}

function setSplit(source: Source, draft: Draft, split: Split, weight: Weight): Draft {
  const { kind, canary, stable } = split;
  const total = totalFor(source, split, weight);
  const part = (total * weight) / WHOLE;
  return setWeight(source, setWeight(source, draft, [kind, canary], part), [kind, stable], total - part);
}

// A sum that was written stays where the share can be written in it; else it becomes 100, if nothing else shares the rule.
function totalFor(source: Source, { rule, kind, canary, stable }: Split, weight: Weight): number {
  const [one, other] = [canary.weight ?? kind.missing, stable.weight ?? kind.missing];
  const isAlone = rule.backends.length === 2;
  const isWritten = canary.weight !== undefined || stable.weight !== undefined;
  if (((one + other) * weight) % WHOLE === 0 && (isWritten || !isAlone)) return one + other;
  if (isAlone) return toWeight(WHOLE);
  const why = `${weight}% cannot be written in a sum of ${one + other}, and another sum would change the other backends' share`;
  return refuse(source, rule.at, `weights ${one} and ${other} beside other backends`, why);
}

function setWeight(source: Source, draft: Draft, [kind, backend]: readonly [RuleKind, Backend], value: number): Draft {
  const { document, path, weight } = backend;
  if ((weight ?? kind.missing) === value) return draft;
  if (weight !== undefined) return set(source, draft, { document, path: [...path, "weight"], value });
  return insertKey(
    source,
    draft,
    { document, path },
    { key: "weight", value, slot: { kind: "after", keys: kind.behind } },
  );
}
