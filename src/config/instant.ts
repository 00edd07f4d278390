const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z$/;

/** Milliseconds since the epoch of a time such as `2026-11-20T10:04:11Z`; undefined where it is none, or no day of the calendar. */
export function instantOf(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined;
  const instant = Date.parse(text);
  // The language takes 30 February for 2 March.
  return Number.isNaN(instant) || !new Date(instant).toISOString().startsWith(text.slice(0, 19)) ? undefined : instant;
}

/** The time as `instantOf` reads it, thousandths only where there are any. */
export function instantText(instant: number): string {
  return new Date(instant).toISOString().replace(".000Z", "Z");
}
