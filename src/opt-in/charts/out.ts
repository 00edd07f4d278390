import { err, ok, type Result } from "../../core/result.ts";
import type { Places, ServiceState } from "../../core/state.ts";
import { mergedValues } from "../../manifest/chart/values.ts";
import { canonicalData } from "../../manifest/data.ts";
import { kustomizationOf, type Read } from "../../manifest/kustomize/evaluate.ts";
import { nameOf } from "../../manifest/kustomize/object.ts";
import { CANARY_VALUES, STABLE_VALUES } from "../../manifest/layouts/values.ts";
import { baseOf, folderOf } from "../../manifest/services/paths.ts";
import { attempt, type Refusal } from "../../yaml/refusal.ts";
import { hasEntries, withoutEntries } from "../entries.ts";
import { filesWithout } from "../leaving.ts";
import type { Ground, Texts } from "../model.ts";
import { releaseByArgo } from "./application.ts";
import { stableEntryIn } from "./argo.ts";
import { entryOf } from "./berth.ts";
import { withoutListed } from "./lists.ts";

/** Whether a target runs by two releases of a chart, as opting in has written them. */
export function runsTwice({ stable, canaryReplicas }: Places): boolean {
  return baseOf(stable.path) === STABLE_VALUES && baseOf(canaryReplicas.path) === CANARY_VALUES;
}

type Gone = { readonly files: Map<string, string | undefined>; readonly owned: readonly string[] };

/** What is written so that a chart runs as one release again. */
export function releaseGone(
  ground: Ground,
  state: ServiceState,
  { stable, canaryReplicas }: Places,
): Result<Gone, Refusal> {
  const { read } = ground;
  const found = stableEntryIn(ground, stable.path);
  if (found === undefined)
    return err({ path: stable.path, line: 1, found: "no Application with these values", why: "its line is gone" });
  const { application, file, list, item } = found;
  const text = withoutListed(file, list, item);
  if (text.kind === "err") return text;
  const folder = `${folderOf(stable.path)}/`;
  const files = filesWithout(ground, folder);
  for (const path of [stable.path, canaryReplicas.path]) files.set(path, undefined);
  files.set(file.path, text.value);
  const second = state.owned.find((path) => baseOf(path) === `${nameOf(application)}-canary.yaml`);
  if (second !== undefined) {
    files.set(second, undefined);
    const entered = withoutEntry(read, second);
    if (entered?.kind === "err") return entered;
    if (entered !== undefined) files.set(entered.value.path, entered.value.text);
  }
  const wrong = otherValues(read, files, application);
  return wrong === undefined ? ok({ files, owned: [folder, ...(second === undefined ? [] : [second])] }) : err(wrong);
}

/** The kustomization that lists an owned file, without it; undefined where none does. */
function withoutEntry(
  read: Read,
  path: string,
): Result<{ readonly path: string; readonly text: string }, Refusal> | undefined {
  const kustomization = kustomizationOf(read, folderOf(folderOf(path)));
  if (kustomization === undefined) return undefined;
  const file = { path: kustomization, text: read(kustomization) ?? "" };
  const entry = entryOf(kustomization, path);
  if (!hasEntries(file, entry)) return undefined;
  const text = withoutEntries(file, entry, ["resources"]);
  return text.kind === "err" ? text : ok({ path: kustomization, text: text.value });
}

/** The release's values are afterwards what they are now. */
function otherValues(read: Read, files: Texts, application: Parameters<typeof releaseByArgo>[1]): Refusal | undefined {
  const valuesBy = (by: Read) => attempt(() => canonicalData(mergedValues(releaseByArgo(by, application).values)));
  const [now, then] = [valuesBy(read), valuesBy((path) => (files.has(path) ? files.get(path) : read(path)))];
  if (now.kind === "err") return now.error;
  if (then.kind === "err") return then.error;
  const { path, line } = application;
  return now.value === then.value
    ? undefined
    : { path, line, found: "other values", why: "opting out would change them" };
}
