import { name } from "../core/names.ts";
import { look, lookText } from "../yaml/look.ts";
import { quote, refuse } from "../yaml/refusal.ts";
import type { Source } from "../yaml/source.ts";
import type { Tree } from "../yaml/tree.ts";

/** The API group of Knative's Services, Configurations and Routes. */
export const KNATIVE_GROUP = "serving.knative.dev";

const METADATA = ["spec", "template", "metadata"];
const LEAST = ["min-scale", "minScale"].map((key) => `autoscaling.knative.dev/${key}`);

/** What Knative calls a container that has no name (serving 98e5ef90, pkg/apis/config/defaults.go). */
export const USER_CONTAINER = name("user-container");

// A longer name is cut to a hash in those of its pods' Deployments (`<name>-00001-deployment`, kmeta.ChildName).
export const LONGEST_NAME = 46;

/** Refuses what cannot be an arm: Knative takes no change of a pod template whose revision has a name, and pods of long names cannot be told. */
export function checkKnative(source: Source, tree: Tree): void {
  const revision = look(source, tree, [...METADATA, "name"]);
  if (revision !== undefined)
    refuse(
      source,
      revision,
      "a name of the revision",
      "Knative would refuse another image under the same name: leave it out",
    );
  const called = lookText(source, tree, ["metadata", "name"]) ?? "";
  if (called.length > LONGEST_NAME)
    refuse(
      source,
      tree,
      `the name ${quote(called)}`,
      `its pods are told by a name of at most ${LONGEST_NAME} characters`,
    );
}

/** How many pods a revision keeps without requests. */
export function leastScale(source: Source, tree: Tree): number {
  const annotations = [...METADATA, "annotations"];
  const key = LEAST.find((one) => look(source, tree, [...annotations, one]) !== undefined);
  if (key === undefined) return 0;
  const path = [...annotations, key];
  const text = lookText(source, tree, path) ?? "";
  if (/^\d{1,5}$/.test(text)) return Number(text);
  return refuse(source, look(source, tree, path) ?? tree, quote(text), `${key} is a whole number, as text`);
}
