import type { Name } from "../core/names.ts";
import { flowText, type Data, type Look } from "../manifest/data.ts";
import type { Plan } from "../template/model.ts";

const LOOK: Look = { step: 2, dash: 2, mark: '"', pad: " ", isJson: false };

/** What a template proposes for a service as an entry of `services` in the configuration; undefined where it proposes nothing. `text` writes milliseconds as durations. */
export function printedPlan(
  service: Name,
  { steps, bake, gates }: Plan,
  text: (ms: number) => string,
): string | undefined {
  if (steps === undefined && bake === undefined && gates === undefined) return undefined;
  const entry: Data = {
    names: [service],
    ...(steps === undefined ? {} : { steps }),
    ...(bake === undefined ? {} : { bake: text(bake) }),
    ...(gates === undefined ? {} : { gates }),
  };
  return `services:\n  - ${flowText(entry, LOOK)}\n`;
}
