import { versionOf } from "../core/image.ts";
import { utc } from "./numbers.ts";
import type { GateRecord } from "./record.ts";

const MINUTE = 60_000;

/** When a release would be over if everything passes at the present pace, as a sentence; undefined where nothing tells. */
export function goingOnText({ outlook, live }: Pick<GateRecord, "outlook" | "live">): string | undefined {
  if (outlook === undefined) return undefined;
  const { promoted, over } = outlook;
  const at = (moment: string) => utc(Math.ceil(Date.parse(moment) / MINUTE) * MINUTE, Date.parse(live.since));
  const version = versionOf(live.canary.image);
  const stable = promoted === undefined ? "" : `stable takes ${version} at about ${at(promoted)}, and `;
  return `If everything passes at this pace, ${stable}the release is over at about ${at(over)}.`;
}
