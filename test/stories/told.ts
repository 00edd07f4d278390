import { expect } from "vitest";
import { startStory, type Story } from "../support/story.ts";
import type { StoryOptions } from "../support/story-world.ts";
import { livePaths } from "../support/story-reads.ts";
import { trespasses, ungated } from "./laws.ts";

/** The machine may have much else to do. */
export const UNHURRIED = { timeout: 900_000 } as const;

/** `failures`: looks that may fail, by their line in the log. `restarts`: whether steps of an Argo Rollout start anew under a weight. */
export type TellOptions = StoryOptions & { readonly failures?: RegExp; readonly restarts?: "some" };

/**
 * A test that tells a story in a world of its own. However it ends, no commit on the default branch may have changed what it had no right to,
 * no step have merged without its gate, no canary have had a share that git does not say, and no look have failed that the story does not speak of.
 */
export function told(
  { failures, restarts, ...options }: TellOptions,
  plot: (story: Story) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const story = await startStory(options);
    try {
      await plot(story);
      await story.settle();
      expect(await trespasses(story)).toEqual([]);
      expect(ungated(story)).toEqual([]);
      const live = await livePaths(story);
      expect(live.flatMap(({ strays }) => strays)).toEqual([]);
      expect(restarts === "some" ? [] : live.flatMap((path) => path.restarts)).toEqual([]);
      const failed = story.log.filter((line) => line.includes("A look failed"));
      expect(failed.filter((line) => failures?.test(line) !== true)).toEqual([]);
    } finally {
      await story.close();
    }
  };
}
