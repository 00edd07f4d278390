import type { Repo, Store } from "../store.ts";
import { nodeId } from "./account.ts";
import { repoUrl } from "./repository.ts";

/** A label on an issue or a pull request. */
export function labelShape(store: Pick<Store, "origin">, repo: Repo, name: string) {
  const known = repo.labels.get(name.toLowerCase());
  if (known === undefined) throw new Error(`${repo.fullName} has no label ${name}`);
  return {
    id: known.id,
    node_id: nodeId("Label", known.id),
    url: `${repoUrl(store, repo)}/labels/${encodeURIComponent(known.name)}`,
    name: known.name,
    description: "",
    color: "ededed",
    default: false,
  };
}
