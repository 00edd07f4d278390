import type { Answer } from "./routing.ts";

/** Where the answers of a GitHub under faults are kept, by address, for stale reads. */
export type Memory = Map<string, Answer>;

/** An answer whose list lacks its last items; anything but a list stays as it is. */
export function withoutLast(answer: Answer, count: number): Answer {
  const { body } = answer;
  if (answer.status !== 200 || typeof body !== "object") return answer;
  if (Array.isArray(body)) return { ...answer, body: shortened(body, count) };
  // a list with its total beside it, such as check runs
  const fields = Object.entries(body).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) ? shortened(value, count) : value,
  ]);
  return { ...answer, body: Object.fromEntries(fields) };
}

/** An answer in which no pull request says whether it can be merged. */
export function withoutMergeability(answer: Answer): Answer {
  const { body } = answer;
  if (answer.status !== 200 || typeof body !== "object" || !("mergeable" in body)) return answer;
  return { ...answer, body: { ...body, mergeable: null, rebaseable: null, mergeable_state: "unknown" } };
}

function shortened(items: readonly unknown[], count: number): readonly unknown[] {
  return items.slice(0, Math.max(0, items.length - count));
}
