import { isImage } from "../../core/image.ts";
import { isName } from "../../core/names.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Read } from "../../manifest/kustomize/evaluate.ts";
import type { Charted } from "../../manifest/chart/render.ts";
import { kindOf, type Built } from "../../manifest/kustomize/object.ts";
import type { Values } from "../../manifest/kustomize/value.ts";
import { baseOf, within } from "../../manifest/services/paths.ts";
import { attempt } from "../../yaml/refusal.ts";
import type { Scene } from "../found.ts";
import { mainContainer } from "../judge.ts";
import type { Ground, Refused } from "../model.ts";
import { refused } from "../refused.ts";
import { splittable } from "./judge.ts";
import { canaryRelease, renders, type Bringer, type Release } from "./release.ts";

/** A chart's release as it is now, and what both make with other texts; undefined where one does not render. */
export type ChartScene = {
  readonly scene: Scene;
  readonly made: Charted;
  readonly bringer: Bringer;
  readonly stable: (texts: Texts) => Charted | undefined;
  readonly canary: (texts: Texts) => Charted | undefined;
  /** What the canary's release would make with some values last. */
  readonly tried: (values: Values) => Charted | undefined;
};

type Texts = ReadonlyMap<string, string>;

/** The release that is there, or all that speaks against a second one. */
export function sceneOf(ground: Ground, bringer: Bringer, target: string): Result<ChartScene, readonly Refused[]> {
  const now = renders(ground, ground.read, bringer.release);
  if (now.kind === "err") return err([refused("helm", target, now.error, UNREAD)]);
  const made = { ...now.value, reads: readsOf(ground, bringer.release) };
  const found = splittable(made, target);
  if (found.kind === "err") return found;
  const deployment = found.value;
  const main = mainContainer(deployment);
  if (main === undefined || !isName(main.name) || !isImage(main.image))
    throw new RangeError("What was not objected to is there.");
  const over =
    (texts: Texts): Read =>
    (path) =>
      texts.get(path) ?? ground.read(path);
  const rendering = (read: Read, releaseOf: (read: Read) => Release) => {
    const release = attempt(() => releaseOf(read));
    const done = release.kind === "ok" ? renders(ground, read, release.value) : release;
    return done.kind === "ok" ? done.value : undefined;
  };
  const stable = (texts: Texts) => rendering(over(texts), bringer.stable);
  const tried = (values: Values) =>
    rendering(ground.read, () => ({
      ...bringer.release,
      name: canaryRelease(bringer.object, bringer.release.name),
      values: [...bringer.release.values.slice(0, -1), values, bringer.inline],
    }));
  const scene: Scene = {
    deployment,
    container: main.name,
    image: main.image,
    made,
    read: ground.read,
    again: (texts) => stable(texts) ?? { objects: [], open: [], reads: [] },
  };
  return ok({ scene, made, bringer, stable, canary: (texts) => rendering(over(texts), bringer.canary), tried });
}

const UNREAD =
  "what is not read for certain is not opted in: write the owned values files by hand, as docs/layouts.md says, or leave it";

/** The files that say a release's values, the strongest first, and its templates. */
function readsOf({ inventory: { listing } }: Ground, { chart, files }: Release): readonly string[] {
  const templates = [...listing.keys()].filter(
    (path) => path.startsWith(`${within(chart, "templates")}/`) && !baseOf(path).startsWith("_"),
  );
  return [...new Set([...files.toReversed(), within(chart, "values.yaml"), ...templates])];
}

/** The object of the canary's release that one of stable's is there: the chart makes both in the same order. */
export function counterpart(stable: Charted, canary: Charted, object: Built): Built | undefined {
  const alike = (one: Built) => kindOf(one) === kindOf(object) && one.path === object.path;
  return canary.objects.filter(alike)[stable.objects.filter(alike).indexOf(object)];
}
