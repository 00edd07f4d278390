import { posix } from "node:path";
import { changes } from "./render-objects.ts";
import type { Json } from "./render-tools.ts";
import { KUSTOMIZATION, type Files } from "./render-tree.ts";

/** How a Rollout that is opted in as it stands is rendered: by the target's kustomization, or by one that lists its file alone where there is none. */
export async function renderedStanding(
  by: string | undefined,
  texts: Files,
  renderWith: (folder: string, texts: Files) => Promise<readonly Json[] | undefined>,
): Promise<"intended" | "unrendered" | "different"> {
  const path = [...texts.keys()].find((one) => !one.startsWith(".tidegate/"));
  // It rested already.
  if (path === undefined) return "intended";
  const isListed = by !== undefined && KUSTOMIZATION.test(by);
  const folder = posix.dirname(isListed ? by : path);
  const list = `resources: [${JSON.stringify(posix.basename(path))}]\n`;
  const listed: Files = isListed ? new Map() : new Map([[posix.join(folder, "kustomization.yaml"), list]]);
  const old = await renderWith(folder, listed);
  if (old === undefined) return "unrendered";
  const now = await renderWith(folder, new Map([...listed, ...texts]));
  const found = now === undefined ? [] : changes(old, now);
  return found.length > 0 && found.every((one) => CLAIMED.test(one)) ? "intended" : "different";
}

const CLAIMED = /\/Rollout\/.* \/spec\/strategy\/(?:canary\/steps|blueGreen\/autoPromotionEnabled)(?:\/|$)/;
