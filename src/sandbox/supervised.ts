import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedBot } from "./bot.ts";

/** A bot that is started again whenever it was killed. */
export type SupervisedBot = {
  /** Whether a process of it runs. */
  readonly isUp: () => boolean;
  /** `kill -9`; resolves when the process is gone. The next one starts a moment later. */
  readonly kill: () => Promise<void>;
  /** Why it is not started again: a process that ended by itself, with its exit code and its last words. */
  readonly problem: () => string | undefined;
  /** Ends it for good, the kind way. */
  readonly stop: () => Promise<void>;
};

// As long as a supervisor takes to notice; whatever the dead process left behind finds nobody there meanwhile.
const RESTART_AFTER_MS = 200;

/** Starts a bot and keeps it running until it is stopped, or ends by itself for another reason than one that passes, by its last words. */
export function supervise(
  launch: () => LaunchedBot,
  isPassing: (words: string) => boolean = () => false,
): SupervisedBot {
  const state: { bot: LaunchedBot | undefined; stopping: boolean; problem: string | undefined } = {
    bot: launch(),
    stopping: false,
    problem: undefined,
  };
  const keep = async () => {
    while (state.bot !== undefined) {
      const { ended, lastWords } = state.bot;
      const { code, signal } = await ended;
      state.bot = undefined;
      if (state.stopping) return;
      const words = signal === "SIGKILL" ? "" : await lastWords();
      if (signal !== "SIGKILL" && !isPassing(words)) {
        state.problem = `the bot ended by itself (${signal ?? `exit code ${code}`}); ${sayingOf(words)}`;
        return;
      }
      await sleep(RESTART_AFTER_MS);
      if (!isStopping(state)) state.bot = launch();
    }
  };
  const keeping = keep();
  return {
    isUp: () => state.bot !== undefined,
    kill: async () => {
      const { bot } = state;
      await bot?.kill();
    },
    problem: () => state.problem,
    stop: async () => {
      state.stopping = true;
      await state.bot?.stop();
      await keeping;
    },
  };
}

// It may have been stopped while its restart was awaited.
function isStopping({ stopping }: { readonly stopping: boolean }): boolean {
  return stopping;
}

function sayingOf(words: string): string {
  return words === "" ? "it said nothing" : `it said last:\n${words}`;
}
