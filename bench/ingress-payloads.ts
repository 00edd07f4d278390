import type { SandboxGitHub } from "../src/sandbox/github/start.ts";
import type { HookEvent } from "../src/sandbox/github/webhooks.ts";

/** A webhook as GitHub would send it: its event and its body. */
export type Webhook = Pick<HookEvent, "event" | "body">;

/** What a repository's webhooks are about, as the sandbox tells them: pushes, pull requests, comments, reviews and checks of others, one after the other. Nothing of it is delivered. */
export async function webhooksOf(github: SandboxGitHub, repo: string): Promise<readonly Webhook[]> {
  const told: Webhook[] = [];
  await github.settled();
  github.setFate(({ event, body }) => {
    told.push({ event, body });
    return { kind: "drop" };
  });
  await live(github, repo);
  await github.settled();
  github.setFate(undefined);
  return told;
}

/** A day in the life of a repository; all that it says is text of the length that people and bots write. */
async function live(github: SandboxGitHub, repo: string): Promise<void> {
  const [renovate, ana] = [
    { repo, user: "renovate" },
    { repo, user: "ana" },
  ];
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`notes/${index}.md`, "# A note\n"]));
  const branch = "renovate/all-minor";
  const title = "Update all dependencies that are not major";
  const { number, head } = await github.openPull({ ...renovate, branch, files, title, body: NOTES });
  for (const name of ["lint", "unit", "render"]) await checked(github, repo, { sha: head.sha, name });
  github.comment({ ...ana, number, body: NOTES.slice(0, 600) });
  await github.editPull({ ...renovate, number, title: `${title} ones` });
  await github.push({ ...renovate, branch, files: { "notes/12.md": "# One more\n" }, message: title });
  await github.mergePull({ ...renovate, number });
}

async function checked(
  github: SandboxGitHub,
  repo: string,
  { sha, name }: { readonly sha: string; readonly name: string },
): Promise<void> {
  const output = { title: "All is well", summary: NOTES.slice(0, 400) };
  await github.reportCheck({ repo, app: "ci", sha, name, status: "completed", conclusion: "success", output });
}

/** Release notes, as bots put them into pull requests: quotes, line breaks and signs beyond ASCII. */
const NOTES = Array.from(
  { length: 60 },
  (_, index) =>
    `- \`cart\` 1.${index}.0: “faster” start — see "the notes" (#${index}), \\ and <details>{"a": [${index}]}</details>`,
).join("\n");
