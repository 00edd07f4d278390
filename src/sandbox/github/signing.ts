import { writeCommit } from "./repo.ts";
import type { NewCommit, Signature } from "./repo.ts";
import { noreplyEmail } from "./shapes/commit.ts";
import type { Account, Repo } from "./store.ts";

/** What GitHub signs the commits with that it makes on a merge. */
export function webFlow(at: number): Signature {
  return { name: "GitHub", email: "noreply@github.com", at };
}

/** Who an account is to git. */
export function signatureOf(account: Account, at: number): Signature {
  return { name: account.login, email: noreplyEmail(account), at };
}

/** Writes a commit as GitHub does behind its buttons: GitHub is the committer and signs it, at the author's time. */
export async function signCommit(repo: Repo, commit: Omit<NewCommit, "committer">): Promise<string> {
  const sha = await writeCommit(repo.git, { ...commit, committer: webFlow(commit.author.at) });
  repo.signed.add(sha);
  return sha;
}
