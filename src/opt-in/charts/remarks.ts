import { kindOf, nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, textAt, textsAt } from "../../manifest/kustomize/value.ts";
import type { Remark } from "../model.ts";
import { scalersOf, servicesOf } from "../objects.ts";
import { ofConnection, ofService, type Say } from "../remarks.ts";
import type { ChartScene } from "./scene.ts";
import type { Split } from "./texts.ts";

/** What whoever reviews the change is to know of a chart that runs as two releases. */
export function chartRemarks({ made, scene }: ChartScene, { bringer, service, which }: Split): readonly Remark[] {
  const { deployment } = scene;
  const say: Say = (says, { path, line } = deployment) => ({ target: which.target.name, path, line, says });
  const scalers = scalersOf(made.objects, deployment);
  const replicas = at(deployment.value, "spec", "replicas");
  const { object } = bringer;
  return [
    say(
      `${kindOf(object)} ${nameOf(object)} runs a second time, as it is now: what people change in it later is to be changed in the owned one too, by opting out and in again`,
      object,
    ),
    ...scalers.map((one) =>
      say(
        `${kindOf(one.object)} ${nameOf(one.object)} goes on scaling stable, and the canary is sized by ${one.most ?? "its replicas"}`,
        one.object,
      ),
    ),
    ...(scalers.length === 0 && (replicas === undefined || replicas === 1)
      ? [say("it has one pod: where two must not run at once (a lock, a leader), leave it")]
      : []),
    ...servicesOf(made.objects, deployment).flatMap((one) => ofService(one, one === service, say)),
    ...made.objects.flatMap((one) => ofSecond(one, say)),
    ...made.objects.flatMap((one) => ofConnection(one, service, say)),
  ];
}

/** What a second release costs, or is not given by names that others know. */
function ofSecond(object: Built, say: Say): readonly Remark[] {
  if (kindOf(object) === "Service" && textAt(object.value, "spec", "type") === "LoadBalancer")
    return [
      say(`Service ${nameOf(object)} is of the type LoadBalancer: the canary's is another load balancer`, object),
    ];
  const isKnown =
    kindOf(object) === "ServiceAccount" && Object.keys(textsAt(object.value, "metadata", "annotations")).length > 0;
  return isKnown
    ? [
        say(
          `the canary's pods have an account of their own beside ${nameOf(object)}: what a cloud or a vault gives it by its name has to know the other one too`,
          object,
        ),
      ]
    : [];
}
