import { textAt } from "../../manifest/services/node.ts";
import type { Found } from "../finding.ts";
import type { Repository } from "../repository.ts";
import { called, found, isWritten } from "../world.ts";

// What Admiral is told to end its names with, by default and in its examples.
const SUFFIX = /\.(?:global|mesh)$/;
const TEMPLATE = ["spec", "template", "metadata"];

/** Names of Admiral's that no workload here has it make, in a repository whose workloads have such. */
export function unknownToAdmiral(repository: Repository): readonly Found[] {
  const known = new Set(repository.objects.flatMap(({ tree }) => identityOf(tree) ?? []));
  if (known.size === 0 || repository.pods.some(({ object }) => object.changes.mayTouch(/labels|annotations/)))
    return [];
  return repository.backends.flatMap(({ from, node, host }) => {
    if (!SUFFIX.test(host) || from.changes.mayTouch(/./s)) return [];
    // canary.<environment>.<identity>.global, where the first is Admiral's own for Rollouts.
    const name = host.replace(SUFFIX, "");
    const parts = name.split(".");
    if (parts.some((_, index) => known.has(parts.slice(index).join(".")))) return [];
    return [
      found(
        from,
        node,
        `${called(from)} sends to ${host}, and no workload here has an identity that makes this name (${[...known].toSorted().join(", ")})`,
      ),
    ];
  });
}

function identityOf(tree: Parameters<typeof textAt>[0]): string | undefined {
  const said = ["annotations", "labels"].map((part) => textAt(tree, [...TEMPLATE, part, "identity"]));
  return said.find((one) => one !== undefined && isWritten(one))?.toLowerCase();
}
