import type { Drive } from "./model.ts";

/** What moves the traffic, in a few words. */
export function driveText(drive: Drive): string {
  if (drive.kind === "route") return `Tidegate writes the weight into the route (${drive.router})`;
  return drive.router === undefined
    ? "an Argo Rollout, whose pods make the share by their number"
    : `an Argo Rollout, whose controller moves the route (${drive.router})`;
}
