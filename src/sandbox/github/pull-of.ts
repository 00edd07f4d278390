import { notFound } from "./http-error.ts";
import type { Pull, Repo } from "./store.ts";

/** The pull request of a number, or 404. */
export function pullOf({ pulls }: Repo, number: number): Pull {
  const pull = pulls.get(number);
  if (pull === undefined) throw notFound();
  return pull;
}
