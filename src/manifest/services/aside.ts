import { attempt, lineAt, quote, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Entry, Tree } from "../../yaml/tree.ts";
import type { Hindrance } from "./following.ts";
import { entriesAt, isTrueAt, textAt, textOf } from "./node.ts";

const FLUX = "kustomize.toolkit.fluxcd.io/";

// What each key of Flux has to say, in an annotation or a label, for an object to be left as it is in the cluster.
const LEFT: ReadonlyMap<string, readonly string[]> = new Map([
  [`${FLUX}reconcile`, ["disabled"]],
  [`${FLUX}ssa`, ["ignore", "ifnotpresent"]],
]);

/** What objects of a file say that keeps them from following it: Flux is to leave them alone, a Rollout is paused. None where the file cannot be read. */
export function asideIn(file: TextFile): readonly Hindrance[] {
  const source = attempt(() => readSource(file));
  if (source.kind === "err") return [];
  return source.value.documents.flatMap((tree) => {
    const who = `the ${textAt(tree, ["kind"]) ?? "object"} ${textAt(tree, ["metadata", "name"]) ?? ""}`.trimEnd();
    const at = ({ start }: { readonly start: number }, what: string): Hindrance => ({
      path: file.path,
      line: lineAt(file.text, start),
      what,
    });
    const left = leftIn(tree).map((entry) => at(entry, `${who} ${leftText(entry)}`));
    const paused = pauseIn(tree);
    return paused === undefined
      ? left
      : [...left, at(paused, `${who} is paused (spec.paused): its controller takes no step; take that out`)];
  });
}

/** What an object says so that Flux leaves it as it is in the cluster: annotations and labels. */
export function leftIn(tree: Tree): readonly Entry[] {
  return ["annotations", "labels"].flatMap((part) => entriesAt(tree, ["metadata", part]).filter(isLeft));
}

function isLeft({ key, value }: Entry): boolean {
  return LEFT.get(key)?.includes(textOf(value)?.toLowerCase() ?? "") === true;
}

/** That, as the end of a sentence about the object. */
export function leftText({ key, value }: Entry): string {
  return `says ${key}: ${quote(textOf(value) ?? "")}, so that Flux does not apply what changes in it; take that out`;
}

/** Where a Rollout says that it is paused. */
export function pauseIn(tree: Tree): Entry | undefined {
  const isRollout = textAt(tree, ["kind"]) === "Rollout" && textAt(tree, ["apiVersion"])?.startsWith("argoproj.io/");
  if (isRollout !== true || !isTrueAt(tree, ["spec", "paused"])) return undefined;
  return entriesAt(tree, ["spec"]).find(({ key }) => key === "paused");
}
