import { canonicalData } from "../manifest/data.ts";
import { isLocal } from "../manifest/kustomize/generate.ts";
import type { Evaluated } from "../manifest/kustomize/evaluate.ts";
import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";

/** How two renderings differ: objects that are new, gone, or other than before. */
export type Difference = {
  readonly added: readonly Built[];
  readonly gone: readonly Built[];
  readonly changed: readonly Built[];
};

/** What differs between two renderings, whatever their order; objects that kustomize keeps for itself are left out. */
export function difference(before: Evaluated, after: Evaluated): Difference {
  const [old, now] = [byKey(before), byKey(after)];
  return {
    added: [...now].flatMap(([key, object]) => (old.has(key) ? [] : [object])),
    gone: [...old].flatMap(([key, object]) => (now.has(key) ? [] : [object])),
    changed: [...now].flatMap(([key, object]) => {
      const was = old.get(key);
      return was === undefined || canonicalData(was.value) === canonicalData(object.value) ? [] : [object];
    }),
  };
}

function byKey({ objects }: Evaluated): ReadonlyMap<string, Built> {
  return new Map(
    objects
      .filter((object) => !isLocal(object))
      .map((object) => [`${groupOf(object)} ${kindOf(object)} ${namespaceOf(object) ?? ""}/${nameOf(object)}`, object]),
  );
}
