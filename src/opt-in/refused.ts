import type { Refusal } from "../yaml/refusal.ts";
import type { Code, Refused } from "./model.ts";

const ADVICE: Readonly<Record<Code, string>> = {
  "no-service": "tidegate services lists what is found, and what is not placed",
  "no-target": "tidegate services lists the targets of each service",
  "opted-in": "opt it out first where it is to have another template",
  helm: "write its owned values files by hand, as docs/layouts.md says, or render it by a kustomization",
  "several-roots": "let one kustomization bring all of it to the target",
  unlisted: "write a kustomization.yaml that lists what is to be applied, and let that be delivered",
  kind: "only a Deployment with a Service, or a Knative Service, is split; leave it to what delivers it",
  arms: "merge them into one Deployment first, or write the state by hand (docs/first-service.md)",
  unknown: "put what is changed into the kustomization's own keys (images, labels, patches)",
  missing: "put it into the repository, or take the entry out: nothing is rendered without it",
  "too-large": "let it be delivered in several smaller kustomizations",
  delivery: "move it into the kustomization that is delivered",
  recreate: "let the strategy be RollingUpdate where two versions may run side by side; else leave it",
  volume: "give it a volume that many pods may write (ReadWriteMany), or none; else leave it",
  host: "take hostNetwork and hostPort away: canary and stable would fight for the port",
  selector: "select pods by matchLabels alone; a Deployment's selector cannot be changed, so it is made anew",
  image: "write the image with a tag or a digest, as plain text",
  "image-places": "put the version into one entry of images: in the kustomization",
  "no-pods": "give it replicas first",
  "no-service-object": "traffic is what is moved: without a Service or a route there is none; leave it",
  "shared-service": "give each workload a Service of its own first",
  knative: "change that first; docs/knative.md says what both arms are",
  hook: "an object that a sync runs as a hook is no service: leave it",
  controller: "take the service away from it first; two would move the same traffic",
  standing: "change that first, or leave it to its controller",
  renamed: "let its name stand in its own file; or choose a template whose weight Tidegate writes into the route",
  autoscaler: "choose a template whose weight Tidegate writes into the route: stable keeps its autoscaler there",
  "pod-template":
    "a Rollout's version is read in one file: move what patches, labels and generators add into it, or choose a template whose weight Tidegate writes into the route",
  route: "see docs/routers.md for what can be moved",
  template: "tidegate opt-in --help says how parameters are given",
  overlay: "mend the kustomization, then opt in again",
  proof: "this is a fault of Tidegate's: please report it with the manifests",
  release: "wait until it is over, or /abort it first",
  edited: "take it away by hand, or put it back as it was",
};

/** A refusal with its advice. */
export function refused(code: Code, target: string | undefined, refusal: Refusal, advice = ADVICE[code]): Refused {
  const { path, line, found, why } = refusal;
  return { code, target, path, line, found, why, advice };
}

/** One refusal for people, on two lines. */
export function refusedText({ target, path, line, found, why, advice }: Refused): string {
  const where = target === undefined ? "" : `${target}: `;
  const place = path === "" ? "" : `${path}:${line}: `;
  return `${where}${place}${found}: ${sentence(why)}\n  ${sentence(advice)}`;
}

function sentence(text: string): string {
  return text.endsWith("?") ? text : `${text}.`;
}
