import type { Image } from "../../core/image.ts";
import type { TargetState } from "../../core/state.ts";
import { canonicalData } from "../../manifest/data.ts";
import type { Charted } from "../../manifest/chart/render.ts";
import { nameOf } from "../../manifest/kustomize/object.ts";
import { at } from "../../manifest/kustomize/value.ts";
import { setCountTo, setImageTo } from "../../manifest/layouts/place.ts";
import type { Refusal } from "../../yaml/refusal.ts";
import { otherVersion, running } from "../found.ts";
import { placeIn } from "../known.ts";
import type { Code } from "../model.ts";
import { difference } from "../proof.ts";
import { readBack } from "../prove.ts";
import { clashes } from "./judge.ts";
import { counterpart, type ChartScene } from "./scene.ts";
import type { MadeChart, Split } from "./texts.ts";

type Wrong = { readonly code: Code; readonly refusal: Refusal };
type Written = { readonly made: MadeChart; readonly state: TargetState };
type Texts = ReadonlyMap<string, string>;

/**
 * Stable's values and objects are afterwards what they are now, the canary's are apart from them and have no pods, a bump reaches the canary alone, and each place of the
 * state says what it is for; else what is wrong.
 */
export function chartDoubts(chart: ChartScene, split: Split, { made, state }: Written): Wrong | undefined {
  const wrong = (found: string, why: string): Wrong => ({
    code: "proof",
    refusal: placeIn(chart.scene.deployment, found, why),
  });
  const [stable, canary] = [chart.stable(made.texts), chart.canary(made.texts)];
  if (stable === undefined || canary === undefined)
    return wrong("the chart", "one of the two releases does not render");
  if (canonicalData(stable.values) !== canonicalData(chart.made.values))
    return wrong("other values", "the pin is to be what is effective now");
  const changed = differs(chart.made, stable);
  if (changed !== undefined) return wrong(changed, "opting in would change it");
  const [clash] = clashes(stable, canary, split.which.target.name);
  if (clash !== undefined) return { code: clash.code, refusal: clash };
  const deployment = counterpart(chart.made, canary, chart.scene.deployment);
  if (deployment === undefined || nameOf(deployment) !== split.canary.workload)
    return wrong("no canary", "opting in makes one");
  if (at(deployment.value, "spec", "replicas") !== 0) return wrong("a canary with pods", "at rest it has none");
  if (running(deployment, chart.scene.image).length !== running(chart.scene.deployment, chart.scene.image).length)
    return wrong("a canary of another version", "at rest it has stable's");
  const read = readBack(split, made.texts, state);
  if (read !== undefined) return { code: "proof", refusal: read };
  return bumpDoubt(chart, split, { made, wrong }) ?? podsDoubt(chart, { made, wrong });
}

function differs(before: Charted, after: Charted): string | undefined {
  const { added, gone, changed } = difference(before, after);
  const [other] = [...added, ...gone, ...changed];
  return other && nameOf(other);
}

type Proving = { readonly made: MadeChart; readonly wrong: (found: string, why: string) => Wrong };

function bumpDoubt(chart: ChartScene, { bump, scene }: Split, { made, wrong }: Proving): Wrong | undefined {
  const other = otherVersion(scene.image);
  if (other === undefined) return wrong(scene.image, "it has no version that could be another");
  const bumped = setImageTo(
    { path: bump.path, text: made.texts.get(bump.path) ?? scene.read(bump.path) ?? "" },
    bump,
    other,
  );
  if (bumped.kind === "err") return { code: "proof", refusal: bumped.error };
  const landed = new Map([...made.texts, [bump.path, bumped.value]]);
  const stable = chart.stable(landed);
  if (stable === undefined || differs(chart.made, stable) !== undefined)
    return wrong("a bump", "it is to reach the canary and not stable");
  if (!runs(chart, chart.canary(landed), other)) return wrong("a bump", "it is to reach the canary");
  const promoted = setImageTo({ path: made.stable.path, text: landed.get(made.stable.path) ?? "" }, made.stable, other);
  if (promoted.kind === "err") return { code: "proof", refusal: promoted.error };
  return runs(chart, chart.stable(new Map([...landed, [made.stable.path, promoted.value]])), other)
    ? undefined
    : wrong("a promotion", "it is to reach stable");
}

function runs({ made, scene }: ChartScene, now: Charted | undefined, version: Image): boolean {
  const deployment = now && counterpart(made, now, scene.deployment);
  return (
    deployment !== undefined && running(deployment, version).length === running(scene.deployment, scene.image).length
  );
}

const SOME = 3;
const MOST = 100_000;

/** A number of pods that is written for the canary is its own, and changes nothing of stable's. */
function podsDoubt(chart: ChartScene, { made, wrong }: Proving): Wrong | undefined {
  const { canaryReplicas: place, texts } = made;
  const text = setCountTo({ path: place.path, text: texts.get(place.path) ?? "" }, place, SOME, MOST);
  if (text.kind === "err") return { code: "proof", refusal: text.error };
  const some: Texts = new Map([...texts, [place.path, text.value]]);
  const [stable, canary] = [chart.stable(some), chart.canary(some)];
  const deployment = canary && counterpart(chart.made, canary, chart.scene.deployment);
  const isOwn =
    stable !== undefined &&
    differs(chart.made, stable) === undefined &&
    at(deployment?.value, "spec", "replicas") === SOME;
  return isOwn ? undefined : wrong("the canary's number of pods", "what is written is not what is rendered");
}
