import type { Tree } from "../../yaml/tree.ts";
import { peek } from "../../yaml/look.ts";
import type { Lines } from "./lines.ts";
import { entriesAt, isTrueAt, itemsAt, textAt, textOf, textsAt } from "./node.ts";
import type { ArtifactGenerator, FluxKustomization, GitRepository, HelmRelease } from "./object-facts.ts";
import { resolvePath } from "./paths.ts";

/** What a Kustomization of Flux says of where its files are. */
export function fluxKustomization(tree: Tree, lines: Lines): FluxKustomization {
  const spec = peek(tree, ["spec"]);
  return {
    kind: "flux-kustomization",
    // Without a path Flux takes the whole source, but what names no source either is a patch of another one.
    folder: textAt(spec, ["path"]) ?? (peek(spec, ["sourceRef"]) === undefined ? undefined : "."),
    sourceKind: textAt(spec, ["sourceRef", "kind"]),
    sourceName: textAt(spec, ["sourceRef", "name"]),
    targetNamespace: textAt(spec, ["targetNamespace"]),
    components: textsAt(spec, ["components"]),
    isSuspended: isTrueAt(spec, ["suspend"]),
    substitute: entriesAt(spec, ["postBuild", "substitute"]).flatMap(({ key, start, value }) => {
      const text = textOf(value);
      return text === undefined ? [] : [{ key, value: text, line: lines.at(start) }];
    }),
  };
}

/** What a HelmRelease says of its chart and of where its values come from; its images are found apart. */
export function helmRelease(tree: Tree): HelmRelease {
  const spec = peek(tree, ["spec"]);
  const isInGit = ["GitRepository", "Bucket"].includes(textAt(spec, ["chart", "spec", "sourceRef", "kind"]) ?? "");
  const chart = textAt(spec, ["chart", "spec", "chart"]);
  return {
    kind: "helm-release",
    chart: isInGit && chart !== undefined ? resolvePath("", chart) : undefined,
    targetNamespace: textAt(spec, ["targetNamespace"]),
    isSuspended: isTrueAt(spec, ["suspend"]),
    valuesFrom: itemsAt(spec, ["valuesFrom"]).flatMap((item) => textAt(item, ["name"]) ?? []),
    images: [],
  };
}

/** What a GitRepository takes of the repository that it names. */
export function gitRepository(tree: Tree): GitRepository {
  const ref = entriesAt(tree, ["spec", "ref"]).flatMap(({ key, value }) => {
    const text = textOf(value);
    return text === undefined ? [] : [[key, text] as const];
  });
  return { kind: "git-repository", isSuspended: isTrueAt(tree, ["spec", "suspend"]), ref: Object.fromEntries(ref) };
}

/** What an ArtifactGenerator copies: `@source/apps/**` to `@artifact/`. */
export function artifactGenerator(tree: Tree): ArtifactGenerator {
  return {
    kind: "artifact-generator",
    artifacts: itemsAt(tree, ["spec", "artifacts"]).map((artifact) => ({
      name: textAt(artifact, ["name"]) ?? "",
      copies: itemsAt(artifact, ["copy"]).map((copy) => ({
        from: textAt(copy, ["from"]) ?? "",
        to: textAt(copy, ["to"]) ?? "",
      })),
    })),
  };
}
