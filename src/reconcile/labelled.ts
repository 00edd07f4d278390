import { partsOf } from "../core/image.ts";
import { bumpedIn, pinnedIn } from "../core/manifests.ts";
import type { Beside, Member } from "../core/snapshot.ts";
import { versionLabelsIn } from "../manifest/version-label.ts";
import { textsOver, type Over } from "./over.ts";
import type { Eyes, Scene } from "./scene.ts";

type Looking = Pick<Scene, "head" | "config"> & { readonly eyes: Pick<Eyes, "git"> };

/**
 * Labels of a member's pods that do not say the new tag, where configuration tells versions by what answers requests: the change, or its way back,
 * would never be seen to run. What places are rendered to is not seen.
 */
export async function labelDoubts(
  looking: Looking,
  { at, target, manifest }: Pick<Member, "at" | "target" | "manifest">,
  over: Over,
): Promise<readonly Beside[]> {
  const settings = looking.config.metricsFor(target);
  const provider = settings.kind === "read" ? settings.value : undefined;
  const label = provider?.kind === "prometheus" ? provider.requests.versionLabel : undefined;
  const tag = partsOf(manifest.canary.image)?.tag;
  if (label === undefined || tag === undefined || at.manifests.layout === "places") return [];
  const paths = [...new Set([bumpedIn(at.manifests), pinnedIn(at.manifests)])];
  const files = await textsOver(looking, paths, over);
  return files.flatMap((file) =>
    versionLabelsIn(file)
      .filter(({ value }) => value !== tag)
      .map(({ line, key, value }) => ({
        path: file.path,
        line,
        what: `its pods say ${key}: ${value}, the new tag is ${tag}, and configuration tells versions by ${label}: it may never be seen to run; let the label follow the tag, take it out, or leave version out of requests`,
      })),
  );
}
