import { isImage } from "../../core/image.ts";
import { isName, name } from "../../core/names.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { nameOf } from "../../manifest/kustomize/object.ts";
import { at, textAt } from "../../manifest/kustomize/value.ts";
import { quote } from "../../yaml/refusal.ts";
import type { Converted } from "../convert.ts";
import { targetRefusals, unbumped } from "../facts.ts";
import { bumpPlace, type Scene } from "../found.ts";
import { isInTheWay } from "../judge.ts";
import { placeIn } from "../known.ts";
import type { Code, Ground, Refused, Remark, Wish } from "../model.ts";
import { containersOf, scalersOf, titleOf } from "../objects.ts";
import { refused } from "../refused.ts";
import { saysWhatIsRendered } from "../rollout-judge.ts";
import { sharedBy } from "./carrier.ts";
import type { Standing } from "./model.ts";
import { standingDoubt } from "./prove.ts";

/** Puts a target on a template as it stands: what its engine claims is put at rest, proven by rendering that nothing else differs. */
export function steer(ground: Ground, standing: Standing, wish: Wish): Result<Converted, readonly Refused[]> {
  const { which, engine, workload } = standing;
  const against = objections(ground, standing, wish);
  const scene = sceneOf(standing);
  if (scene.kind === "err") return err([...against, scene.error]);
  if (against.length > 0) return err(against);
  const bumped = bumpPlace(scene.value);
  if (bumped.kind !== "place") return err([unbumped({ scene: scene.value, which }, bumped)]);
  const { place } = bumped;
  if (!saysWhatIsRendered({ scene: scene.value }, place)) {
    const found = placeIn(workload, "its pod template", "what is rendered differs from its file");
    return err([refused("pod-template", which.target.name, found, MOVED)]);
  }
  const steered = engine.claim(standing, place.path === workload.path ? undefined : place);
  if (steered.kind === "err") return steered;
  const wrong = standingDoubt(standing, steered.value, scene.value.image);
  if (wrong !== undefined) return err([refused(wrong.code, which.target.name, wrong.refusal, wrong.advice)]);
  const { texts, claims, plan, remarks } = steered.value;
  return ok({
    target: name(which.target.name),
    texts: new Map([...texts].filter(([path, text]) => ground.read(path) !== text)),
    isChart: false,
    isStanding: true,
    owned: steered.value.owned,
    claims,
    at: steered.value.at,
    remarks: [...remarks, ...unnamed(standing)],
    instance: { drive: wish.template.drive, objects: [], plan: { ...wish.template.plan, ...plan } },
  });
}

const MOVED = "its version is read in one file: move what patches, labels and generators add into it";

function unnamed({ which: { target }, namespace, object }: Standing): readonly Remark[] {
  const { path, line } = object;
  const isSaid = textAt(object.value, "metadata", "namespace") !== undefined || target.namespace !== undefined;
  const says = `nothing says its namespace, which is taken to be ${namespace}: --namespace says another`;
  return isSaid ? [] : [{ target: target.name, path, line, says }];
}

/** The container that a state's version is of: the one that is called as the service is, else the first. */
function sceneOf({ workload, which, made, read, again }: Standing): Result<Scene, Refused> {
  const containers = containersOf(workload).filter(({ list }) => list === "containers");
  const own = containers.find((one) => one.name === which.service) ?? containers[0];
  const image = textAt(own?.data, "image");
  if (own !== undefined && isImage(image))
    return ok({ deployment: workload, container: own.name, image, made, read, again });
  const found = image === undefined ? "no image" : `the image ${quote(image)}`;
  return err(
    refused(
      "image",
      which.target.name,
      placeIn(workload, found, "without a tag or a digest nothing tells a new version"),
    ),
  );
}

/** What speaks against it besides what its engine says. */
function objections(ground: Ground, standing: Standing, wish: Wish): readonly Refused[] {
  const { which, engine, object, workload, made } = standing;
  const no = (code: Code, found: string, why: string, advice?: string) =>
    refused(code, which.target.name, placeIn(object, found, why), advice);
  const isScaled = [object, workload].some((one) => scalersOf(made.objects, one).length > 0);
  const replicas = at(object.value, "spec", "replicas");
  const shared = standing.carrier === undefined ? sharedBy(ground, standing) : undefined;
  return [
    ...targetRefusals(which.target.name, object),
    ...(engine.fits(object, wish.template)
      ? []
      : [
          no(
            "controller",
            titleOf(object),
            `its controller moves the traffic, and ${wish.template.name} drives none as it is`,
            FITTING,
          ),
        ]),
    ...[...wish.parameters.keys()].map((key) =>
      no(
        "template",
        `the parameter ${key}`,
        "nothing is made where an object stands already",
        "leave it out, and write it into the object",
      ),
    ),
    ...(isName(nameOf(object)) && [object, workload].every((one) => one.before.every((was) => was.name === nameOf(one)))
      ? []
      : [
          no(
            "renamed",
            `the name ${nameOf(object)}`,
            "its kustomization makes it, or it is none",
            "let its name stand in its own file",
          ),
        ]),
    ...(replicas === 0 && !isScaled ? [no("no-pods", "replicas: 0", "it runs no pods")] : []),
    ...(shared === undefined
      ? []
      : [
          no(
            "standing",
            titleOf(object),
            `${shared} is rendered from its file too, and a weight there would be that of both`,
            APART,
          ),
        ]),
    ...made.open.filter(isInTheWay).map((open) => refused("unknown", which.target.name, open)),
    ...made.open.flatMap(({ prevents, ...open }) =>
      prevents === undefined ? [] : [refused(prevents, which.target.name, open)],
    ),
  ];
}

const FITTING = "leave the template out, or choose one that drives it (tidegate templates)";
const APART = "give each target a file of its own with that object, in its overlay";
