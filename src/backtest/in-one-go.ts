import type { Reading } from "../core/reading.ts";
import type { Window } from "../core/window.ts";
import type { Metrics, TimelineQuestion } from "../ports/metrics.ts";

type Readings = readonly Reading<readonly Window[]>[];

type Waiting = {
  readonly questions: readonly TimelineQuestion[];
  readonly resolve: (readings: Readings) => void;
  readonly reject: (failure: unknown) => void;
};

/** A provider that asks together whatever is asked of it at the same time: for many members of a set one query is enough. */
export function inOneGo(metrics: Metrics): Metrics {
  let waiting: readonly Waiting[] = [];
  const ask = async () => {
    const all = waiting;
    waiting = [];
    try {
      const readings = await metrics.timelines(all.flatMap(({ questions }) => questions));
      let begin = 0;
      for (const { questions, resolve } of all) {
        resolve(readings.slice(begin, begin + questions.length));
        begin += questions.length;
      }
    } catch (failure) {
      for (const { reject } of all) reject(failure);
    }
  };
  return {
    ...metrics,
    timelines: (questions) =>
      new Promise((resolve, reject) => {
        waiting = [...waiting, { questions, resolve, reject }];
        if (waiting.length === 1) queueMicrotask(() => void ask());
      }),
  };
}
