import { emitPull } from "./events.ts";
import { invalid } from "./http-error.ts";
import { pullOf } from "./pull-of.ts";
import type { Acting, Pull } from "./store.ts";

/** Makes an open pull request a draft, or ready for review; nothing where it is so already. */
export function setDraft(acting: Acting, number: number, draft: boolean): Pull {
  const pull = pullOf(acting.repo, number);
  if (pull.state.kind !== "open")
    throw invalid({ resource: "PullRequest", code: "custom", message: "Pull request is closed" });
  if (pull.draft === draft) return pull;
  const changed = changedNow(acting, { ...pull, draft });
  emitPull(acting, changed, { action: draft ? "converted_to_draft" : "ready_for_review" });
  return changed;
}

/** Puts a label on a pull request, made where the repository has none of that name; nothing where it has it already. */
export function addLabel(acting: Acting, number: number, name: string): Pull {
  const { store, repo } = acting;
  const pull = pullOf(repo, number);
  const label = repo.labels.get(name.toLowerCase()) ?? { id: store.nextId(), name };
  repo.labels.set(name.toLowerCase(), label);
  if (pull.labels.includes(label.name)) return pull;
  const changed = changedNow(acting, { ...pull, labels: [...pull.labels, label.name] });
  emitPull(acting, changed, { action: "labeled", label: label.name });
  return changed;
}

/** Takes a label off a pull request; nothing where it is not on it. */
export function removeLabel(acting: Acting, number: number, name: string): Pull {
  const pull = pullOf(acting.repo, number);
  const label = pull.labels.find((one) => one.toLowerCase() === name.toLowerCase());
  if (label === undefined) return pull;
  const changed = changedNow(acting, { ...pull, labels: pull.labels.filter((one) => one !== label) });
  emitPull(acting, changed, { action: "unlabeled", label });
  return changed;
}

function changedNow({ store, repo }: Acting, pull: Pull): Pull {
  const changed = { ...pull, updatedAt: store.clock.now() };
  repo.pulls.set(pull.number, changed);
  return changed;
}
