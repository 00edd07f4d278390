import { z } from "zod";

const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Milliseconds of a text such as `500ms`, `90s`, `10m` or `2h`; undefined where it is none. */
export function durationOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,7})(ms|s|m|h)$/.exec(text) ?? [];
  const factor = UNITS.get(unit ?? "");
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** The time as people write it, in the largest unit that it is a whole number of. */
export function durationText(ms: number): string {
  const found = [...UNITS].findLast(([, factor]) => ms > 0 && ms % factor === 0);
  return found === undefined ? `${ms}ms` : `${ms / found[1]}${found[0]}`;
}

/** A duration within bounds (milliseconds), as text in the file and as milliseconds afterwards. */
export function duration(least: number, most: number, bounds: string): z.ZodType<number, string> {
  const message = `must be a duration such as 500ms, 90s, 10m or 2h, ${bounds}`;
  // The form stands apart from the bounds: a JSON Schema can say it.
  return z
    .string()
    .regex(/^\d{1,7}(?:ms|s|m|h)$/, { error: message })
    .transform((text, context) => {
      const ms = durationOf(text);
      if (ms !== undefined && ms >= least && ms <= most) return ms;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    });
}
