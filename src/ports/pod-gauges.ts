import type { Reading } from "../core/reading.ts";
import type { TimelineQuestion } from "./metrics.ts";

/** One gauge of stable's pods, by the start of the window (milliseconds) at whose end it was read, and by pod; above 0 and finite. */
export type GaugeAt = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Asks for the gauges of a question of stable's pods one by one; each by its name, with the reason where it cannot be read. Never throws for what the provider does. */
export type ReadGauges = (question: TimelineQuestion) => Promise<ReadonlyMap<string, Reading<GaugeAt>>>;
