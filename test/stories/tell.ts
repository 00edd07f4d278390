import { expect, it } from "vitest";
import { startStory, type Story, type StoryOptions } from "../support/story.ts";
import { trespasses, ungated } from "./laws.ts";

/** `failures`: looks that may fail, by their line in the log. */
export type TellOptions = StoryOptions & { readonly failures?: RegExp };

/** A story in a world of its own. However it ends, no commit on the default branch may have changed what it had no right to, and no step have merged without its gate. */
export function tell(name: string, options: TellOptions, plot: (story: Story) => Promise<void>): void {
  it.concurrent(name, { timeout: 60_000 }, async () => {
    const story = await startStory(options);
    try {
      await plot(story);
      await story.settle();
      expect(await trespasses(story)).toEqual([]);
      expect(ungated(story)).toEqual([]);
      expect(
        story.log.filter((line) => line.includes("A look failed") && options.failures?.test(line) !== true),
      ).toEqual([]);
    } finally {
      await story.close();
    }
  });
}
