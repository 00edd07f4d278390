import type { Change } from "../core/change.ts";
import { ok, type Result } from "../core/result.ts";
import type { TargetState } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { readWorkload, setImage, setReplicas, type DeploymentOf } from "./deployment.ts";
import { setWeight } from "./routers/http-route.ts";
import { withFile } from "./member.ts";
import { copyTemplate } from "./pod-template.ts";

/** What a change is made of besides its intent. */
export type Material = {
  /** The member's three files at the change's base, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The files whose pod templates are given back, at the commits that the change names; the same paths. */
  readonly older: { readonly canary?: string; readonly stable?: string };
};

/** The whole texts of the manifests that the change makes different, by path; the state file is config's to print. Every edit touches the scalars and blocks it is about, and no other byte. */
export function applyChange(material: Material, change: Change): Result<ReadonlyMap<string, string>, Refusal> {
  const at = change.state.targets.get(change.target);
  if (at === undefined) throw new Error(`The state of ${change.service} has no target ${change.target}.`);
  let texts = material.files;
  for (const edit of editsOf(material, change, at)) {
    const next = withFile(texts, edit.path, edit.work);
    if (next.kind === "err") return next;
    texts = new Map(texts).set(edit.path, next.value);
  }
  return ok(new Map([...texts].filter(([path, text]) => material.files.get(path) !== text)));
}

type Edit = { readonly path: string; readonly work: (file: TextFile) => Result<string, Refusal> };

function editsOf(material: Material, change: Change, at: TargetState): readonly Edit[] {
  const { weight, canaryReplicas, canaryTemplate } = change;
  const of: DeploymentOf = { service: change.service, namespace: at.namespace };
  const { canary, route } = at.manifests;
  const edits: readonly (Edit | undefined)[] = [
    weight === undefined ? undefined : { path: route, work: (file) => setWeight(file, at, weight) },
    stableEdit(material, change, at, of),
    canaryTemplate === undefined
      ? undefined
      : { path: canary, work: (file) => takeBack(giver(material, canaryTemplate.kind, at), file, canaryTemplate, of) },
    canaryReplicas === undefined ? undefined : { path: canary, work: (file) => setReplicas(file, of, canaryReplicas) },
  ];
  return edits.filter((edit) => edit !== undefined);
}

function stableEdit(
  { files, older }: Material,
  { stableTemplate }: Change,
  { manifests: { canary, stable } }: TargetState,
  of: DeploymentOf,
): Edit | undefined {
  switch (stableTemplate?.kind) {
    case undefined:
      return undefined;
    case "fromCanary":
      return { path: stable, work: (file) => withFile(files, canary, copyInto(file, of)) };
    case "asAt":
      return { path: stable, work: (file) => withFile(given(stable, older.stable), stable, copyInto(file, of)) };
    default:
      return unreachable(stableTemplate);
  }
}

/** The one file whose pod template the canary is given. */
function giver(
  { files, older }: Material,
  kind: NonNullable<Change["canaryTemplate"]>["kind"],
  { manifests: { canary, stable } }: TargetState,
): ReadonlyMap<string, string> {
  switch (kind) {
    case "asAt":
      return given(canary, older.canary);
    case "asStable":
      return given(stable, files.get(stable));
    case "asStableAt":
      return given(stable, older.stable);
    default:
      return unreachable(kind);
  }
}

function copyInto(file: TextFile, of: DeploymentOf): (from: TextFile) => Result<string, Refusal> {
  return (from) => copyTemplate({ file: from, of }, { file, of });
}

// The whole pod template where it is still the aborted one; else its image alone, where that is; else it is somebody's newer word, and stays.
function takeBack(
  from: ReadonlyMap<string, string>,
  file: TextFile,
  { aborted }: NonNullable<Change["canaryTemplate"]>,
  of: DeploymentOf,
): Result<string, Refusal> {
  const now = readWorkload(file, of);
  if (now.kind === "err") return now;
  const [path = file.path] = from.keys();
  if (now.value.template === aborted.template) return withFile(from, path, copyInto(file, of));
  if (now.value.image !== aborted.image) return ok(file.text);
  const then = withFile(from, path, (old) => readWorkload(old, of));
  return then.kind === "err" ? then : setImage(file, of, then.value.image);
}

function given(path: string, text: string | undefined): ReadonlyMap<string, string> {
  return new Map(text === undefined ? [] : [[path, text]]);
}
