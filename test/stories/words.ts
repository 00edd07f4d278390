import type { Story } from "../support/story.ts";
import { BOT, REPO } from "../support/story-world.ts";

/** All that the bot has written where people read it, as Markdown (`pages`) and as plain text (`lines`). */
export async function words(story: Story): Promise<{ readonly pages: string; readonly lines: string }> {
  const { github } = story;
  const pulls = github.pulls(REPO);
  const comments = pulls.flatMap(({ number }) => github.comments(REPO, number));
  const checks = pulls.flatMap(({ head }) => github.checks(REPO, head.sha).map(({ output }) => output));
  const commits = await github.log(REPO, "main");
  const ours = pulls.filter(({ author }) => author.login === BOT);
  const pages = [
    ...comments.filter(({ author }) => author.login === BOT).map(({ body }) => body),
    ...checks.flatMap(({ summary, text }) => [summary ?? "", text ?? ""]),
    ...ours.map(({ body }) => body ?? ""),
  ];
  const lines = [
    ...checks.map(({ title }) => title ?? ""),
    ...ours.map(({ title }) => title),
    ...commits.filter(({ message }) => /^Tidegate-/m.test(message)).map(({ message }) => message),
  ];
  return { pages: pages.join("\n\n"), lines: lines.join("\n\n") };
}
