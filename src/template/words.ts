import { durationText } from "../config/duration.ts";
import { climbIn } from "../config/steps.ts";
import { stepNames } from "../core/plan.ts";
import type { Drive, Parameter, Plan, TemplateObject } from "./model.ts";
import { textAt } from "./node.ts";
import { valueText } from "./parameters.ts";

/** What moves the traffic, in a few words. */
export function driveText(drive: Drive): string {
  if (drive.kind === "route") return `Tidegate writes the weight into the route (${drive.router})`;
  if (drive.kind === "canary") return "a Canary that is there, whose controller (Flagger) moves its route";
  if (drive.strategy === "blueGreen") return "an Argo Rollout, whose controller switches the Service";
  return drive.router === undefined
    ? "an Argo Rollout, whose pods make the share by their number"
    : `an Argo Rollout, whose controller moves the route (${drive.router})`;
}

/** What goes unless a parameter is given. */
export function usualText({ default: usual }: Parameter): string {
  if (usual.kind === "required") return "must be given";
  if (usual.kind === "absent") return "left out";
  const text = valueText(usual.value);
  return text === "" ? "none" : text;
}

/** The kind of an object of a template. */
export function kindText({ object }: TemplateObject): string {
  return textAt(object, "kind") ?? "";
}

/** When an object is made; "always" where nothing is asked. */
export function conditionText({ unless, when }: TemplateObject): string {
  const conditions = [
    ...(unless === undefined ? [] : ["unless the service has its route"]),
    ...(when.length === 0 ? [] : [`where ${when.join(" or ")} is given`]),
  ];
  return conditions.length === 0 ? "always" : conditions.join(", ");
}

/** The steps, the bake and the gates of a plan. */
export function planText({ steps, bake, gates }: Plan): string {
  const said = [
    ...(steps === undefined ? [] : [stepNames(climbIn(steps)).join(", ")]),
    ...(bake === undefined ? [] : [`${durationText(bake)} each`]),
    ...(gates === undefined ? [] : [`gates ${JSON.stringify(gates)}`]),
  ];
  return said.length === 0 ? "as the configuration says" : said.join("; ");
}
