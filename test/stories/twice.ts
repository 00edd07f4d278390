import { z } from "zod";
import type { Story } from "../support/story.ts";
import { BOT, REPO } from "../support/story-world.ts";

/**
 * Whatever of Tidegate's is there more than once and may be there only once: pull requests of a branch, comments of a topic, reactions, and check runs that say
 * the same of a commit. (A run that is complete is followed by another one where it waits again.)
 */
export async function twice(story: Story): Promise<readonly string[]> {
  const { github } = story;
  const pulls = github.pulls(REPO);
  const ours = pulls.filter(({ author }) => author.login === BOT).map(({ head }) => `pull request of ${head.branch}`);
  const comments = pulls.flatMap(({ number }) => github.comments(REPO, number));
  const said = comments
    .filter(({ author }) => author.login === BOT)
    .map(({ number, body }) => `comment on #${number}: ${body.split("\n")[0]}`);
  const heads = [...new Set(pulls.map(({ head }) => head.sha))];
  const runs = await Promise.all(heads.map((head) => runsOn(story, head)));
  const asked = comments.filter(({ author }) => author.login !== BOT);
  const reactions = await Promise.all(
    asked.map(async ({ id }) => (await story.reactions(id)).map(() => `reaction to ${id}`)),
  );
  return repeated([...ours, ...said, ...runs.flat(), ...reactions.flat()]);
}

async function runsOn(story: Story, head: string): Promise<readonly string[]> {
  const Runs = z.object({ check_runs: z.array(z.looseObject({ name: z.string(), external_id: z.string() })) });
  const { check_runs } = Runs.parse(await story.read(`/commits/${head}/check-runs?filter=all&per_page=100`));
  return check_runs.map(({ name, external_id }) => `${name} ${external_id} on ${head}`);
}

function repeated(all: readonly string[]): readonly string[] {
  return [...Map.groupBy(all, (one) => one)].flatMap(([one, { length }]) => (length > 1 ? [`${length} × ${one}`] : []));
}
