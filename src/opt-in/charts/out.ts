import { err, ok, type Result } from "../../core/result.ts";
import type { Places, ServiceState } from "../../core/state.ts";
import { mergedValues, valuesIn, withDefaults } from "../../manifest/chart/values.ts";
import { canonicalData } from "../../manifest/data.ts";
import { kustomizationOf, type Read } from "../../manifest/kustomize/evaluate.ts";
import { nameOf } from "../../manifest/kustomize/object.ts";
import { CANARY_VALUES, STABLE_VALUES } from "../../manifest/layouts/values.ts";
import { baseOf, folderOf, within } from "../../manifest/services/paths.ts";
import { attempt, Refused, type Refusal } from "../../yaml/refusal.ts";
import { hasEntries, withoutEntries } from "../entries.ts";
import { entryFor, filesWithout } from "../leaving.ts";
import type { Ground, Texts } from "../model.ts";
import { releaseByArgo } from "./application.ts";
import { stableEntryIn } from "./argo.ts";
import { entryOf } from "./berth.ts";
import { fluxEntryIn, releaseByFlux, valuesFromOf } from "./flux.ts";
import { withoutListed } from "./lists.ts";
import type { Release } from "./release.ts";

/** Whether a target runs by two releases of a chart, as opting in has written them. */
export function runsTwice({ stable, canaryReplicas }: Places): boolean {
  return baseOf(stable.path) === STABLE_VALUES && baseOf(canaryReplicas?.path ?? "") === CANARY_VALUES;
}

type Gone = { readonly files: Map<string, string | undefined>; readonly owned: readonly string[] };

/** What is written so that a chart runs as one release again. */
export function releaseGone(
  ground: Ground,
  state: ServiceState,
  { stable, canaryReplicas }: Places,
  namespace: string,
): Result<Gone, Refusal> {
  const folder = `${folderOf(stable.path)}/`;
  const files = filesWithout(ground, folder);
  for (const path of [stable.path, ...(canaryReplicas === undefined ? [] : [canaryReplicas.path])])
    files.set(path, undefined);
  const left = argoLeft(ground, state, stable.path) ?? fluxLeft(ground, folder, namespace);
  if (left === undefined)
    return err({
      path: stable.path,
      line: 1,
      found: "no Application or HelmRelease with these values",
      why: "its line is gone",
    });
  const { edits, releaseBy, besides } = left;
  for (const [path, text] of edits) {
    if (text !== undefined && text.kind === "err") return text;
    files.set(path, text?.value);
  }
  const wrong = otherValues(ground.read, files, releaseBy);
  return wrong === undefined ? ok({ files, owned: [folder, ...besides] }) : err(wrong);
}

/** What brings the releases, edited; what else is owned; and the release as it is by then. */
type LeftBy = {
  readonly edits: readonly (readonly [path: string, text: Result<string, Refusal> | undefined])[];
  readonly besides: readonly string[];
  readonly releaseBy: (read: Read) => Release;
};

function argoLeft(ground: Ground, state: ServiceState, path: string): LeftBy | undefined {
  const found = stableEntryIn(ground, path);
  if (found === undefined) return undefined;
  const { application, file, list, item } = found;
  const second = state.owned.find((one) => baseOf(one) === `${nameOf(application)}-canary.yaml`);
  const entered = second === undefined ? [] : withoutEntry(ground.read, second);
  return {
    edits: [
      [file.path, withoutListed(file, list, item)],
      ...entered,
      ...(second === undefined ? [] : [[second, undefined] as const]),
    ],
    besides: second === undefined ? [] : [second],
    releaseBy: (read) => releaseByArgo(read, application),
  };
}

function fluxLeft(ground: Ground, owned: string, namespace: string): LeftBy | undefined {
  const entered = entryFor(ground, owned);
  if (entered === undefined) return undefined;
  const root = { folder: folderOf(entered.file.path), components: [], namespace };
  const found = fluxEntryIn(ground, root);
  if (found === undefined) return undefined;
  const { object, file, item } = found;
  return {
    edits: [
      [file.path, withoutListed(file, valuesFromOf(object), item)],
      [entered.file.path, withoutEntries(entered.file, entered.folder, ["resources"])],
    ],
    besides: [],
    releaseBy: (read) => releaseByFlux(read, root, nameOf(object)),
  };
}

/** The kustomization that lists an owned file, without it; none where none does. */
function withoutEntry(read: Read, path: string): LeftBy["edits"] {
  const kustomization = kustomizationOf(read, folderOf(folderOf(path)));
  if (kustomization === undefined) return [];
  const file = { path: kustomization, text: read(kustomization) ?? "" };
  const entry = entryOf(kustomization, path);
  return hasEntries(file, entry) ? [[kustomization, withoutEntries(file, entry, ["resources"])]] : [];
}

/** The release's values are afterwards what they are now. */
function otherValues(read: Read, files: Texts, releaseBy: LeftBy["releaseBy"]): Refusal | undefined {
  const valuesBy = (by: Read) =>
    attempt(() => {
      const { chart, values } = releaseBy(by);
      const path = within(chart, "values.yaml");
      const own = valuesIn({ path, text: by(path) ?? "" });
      if (own.kind === "err") throw new Refused(own.error);
      return canonicalData(withDefaults(own.value, mergedValues(values)));
    });
  const [now, then] = [valuesBy(read), valuesBy((path) => (files.has(path) ? files.get(path) : read(path)))];
  if (now.kind === "err") return now.error;
  if (then.kind === "err") return then.error;
  const [path = ""] = files.keys();
  return now.value === then.value
    ? undefined
    : { path, line: 1, found: "other values", why: "opting out would change them" };
}
