import type { Result } from "../../core/result.ts";
import { checkAllPlain, look } from "../../yaml/look.ts";
import { attempt, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { insertItem, insertKey, type At } from "../insert.ts";
import { removeItem, removeKey } from "../remove.ts";
import { dataOf, keyed, textIn, withKey, type Keyed } from "./item.ts";
import type { ListKind } from "./list-kind.ts";
import type { ByArm, RouteOf } from "./router.ts";
import { editIn, onlyOne, splitsOf, type Backend, type Rule, type RuleKind, type Split } from "./split.ts";

export type Joining = {
  readonly join: (file: TextFile, of: RouteOf) => Result<string, Refusal>;
  readonly leave: (file: TextFile, of: RouteOf) => Result<string, Refusal>;
};

/**
 * How the canary's backend comes into the lists of a kind, and out of them. Nothing is remembered beside the text: the canary stands behind stable where stable's weight
 * was written, and before it where the weight was added with it, so that leaving takes that weight away again. Alone, a backend gets everything with or without one.
 */
export function joining(rules: RuleKind, kind: Pick<ListKind, "namings" | "subset">): Joining {
  return {
    join: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        const alone = stableAlone(rules, source, of);
        const item = (inside: Source, stable: Backend) => canaryItem(inside, stable, kind, of);
        return edited(
          source,
          alone.reduce((draft, one) => joined(source, draft, one, { kind: rules, item }), NO_EDIT),
        );
      }),
    leave: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        return edited(
          source,
          splitsToLeave(rules, source, of).reduce((draft, split) => left(source, draft, split), NO_EDIT),
        );
      }),
  };
}

/** A rule in which stable is alone. */
export type Alone = { readonly rule: Rule; readonly stable: Backend };

/** The rules that send to stable. Throws Refused where one of them sends to the canary too, or shares its traffic with others. */
export function stableAlone(kind: RuleKind, source: Source, of: RouteOf): readonly Alone[] {
  const names = kind.names(source, of);
  const alone = kind.rules(source, of).flatMap((rule) => aloneIn(source, rule, names) ?? []);
  if (alone.length > 0) return alone;
  kind.checkAny(source, of);
  return refuse(source, 0, `no rule that sends to ${names.stable}`, "the canary is added beside it");
}

function aloneIn(source: Source, rule: Rule, names: ByArm<string>): Alone | undefined {
  const stable = onlyOne(source, rule, "stable", names);
  if (stable === undefined) return undefined;
  const { at, called, backends } = rule;
  if (backends.some(({ arm }) => arm === "canary"))
    refuse(source, at, `${names.canary} in ${called}`, "the canary is not there yet");
  if (backends.length > 1)
    refuse(source, at, `other backends beside ${names.stable} in ${called}`, "the canary is added where it is alone");
  if (stable.weight === 0)
    refuse(source, at, `the weight 0 of ${names.stable} in ${called}`, "stable has all of the traffic before");
  return { rule, stable };
}

/** The rules with both arms. Throws Refused where the canary has traffic, or stands without stable. */
export function splitsToLeave(kind: RuleKind, source: Source, of: RouteOf): readonly Split[] {
  const splits = splitsOf(kind, source, of);
  const names = kind.names(source, of);
  const sent = splits.find(({ share }) => share > 0);
  if (sent !== undefined)
    refuse(source, sent.rule.at, `${sent.share}% for ${names.canary}`, "it is taken away at weight 0");
  const apart = kind
    .rules(source, of)
    .find(({ backends }) => backends.some(({ arm }) => arm === "canary") && !hasStable(backends));
  if (apart === undefined) return splits;
  const why = `${names.canary} is nowhere else when it is taken away: remove that rule first`;
  return refuse(source, apart.at, `${apart.called}, which sends to it alone`, why);
}

function hasStable(backends: readonly Backend[]): boolean {
  return backends.some(({ arm }) => arm === "stable");
}

type Adding = { readonly kind: RuleKind; readonly item: (source: Source, stable: Backend) => Keyed };

// Where both are put at one place, the weight, which is added last, stands first.
function joined(source: Source, draft: Draft, { rule, stable }: Alone, { kind, item }: Adding): Draft {
  const { list, index } = placeOf(stable);
  const isWritten = stable.weight !== undefined;
  const weight = rule.scale.print(0);
  return editIn(source, draft, rule, (inside, before) => {
    const canary = withKey(item(inside, stable), stable.key, weight, kind.behind);
    const both = insertItem(inside, before, list, { item: canary, position: index + (isWritten ? 1 : 0) });
    return isWritten ? both : withWeight(inside, both, { stable, rule }, kind);
  });
}

/** The draft with stable's weight written out as all there is. */
export function withWeight(source: Source, draft: Draft, { stable, rule }: Alone, { behind }: RuleKind): Draft {
  const { document, path, key } = stable;
  const value = rule.scale.print(rule.scale.whole);
  return insertKey(source, draft, { document, path }, { key, value, slot: { kind: "after", keys: behind } });
}

function left(source: Source, draft: Draft, { canary, stable, rule }: Split): Draft {
  const { list, index } = placeOf(canary);
  const wasAdded = index < placeOf(stable).index && rule.backends.length === 2 && stable.weight !== undefined;
  return editIn(source, draft, rule, (inside, before) => {
    const without = removeItem(inside, before, list, index);
    return wasAdded ? removeKey(inside, without, stable, stable.key) : without;
  });
}

function placeOf({ document, path }: Backend): { readonly list: At; readonly index: number } {
  return { list: { document, path: path.slice(0, -1) }, index: Number(path.at(-1)) };
}

/** Stable's backend as it is the canary's: the same keys, with the other name. */
function canaryItem(
  source: Source,
  at: At,
  { namings, subset }: Pick<ListKind, "namings" | "subset">,
  { arms, destinations }: RouteOf,
): Keyed {
  const item = plainItem(source, at);
  const { at: keys, form } = namings.find((each) => textIn(item, each.at) !== undefined) ?? namings[0];
  const [from, to] = [destinations?.stable.host ?? arms.stable, destinations?.canary.host ?? arms.canary];
  const named = from === to ? item : withKey(item, keys, form.as(textIn(item, keys) ?? from, from, to));
  return destinations === undefined || subset === undefined
    ? named
    : withKey(named, subset, destinations.canary.subset);
}

/** A backend as a value. Throws Refused where something in it is more than its value. */
export function plainItem(source: Source, { document, path }: At): Keyed {
  const tree = source.documents[document];
  const node = tree && look(source, tree, path);
  if (node === undefined) return refuse(source, 0, "nothing", "what is copied is there");
  checkAllPlain(source, node);
  return keyed(dataOf(node));
}
