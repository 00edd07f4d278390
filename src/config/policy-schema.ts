import { z } from "zod";
import { RootedPath } from "./command-rules.ts";
import { strict, unknownWord } from "./document.ts";
import { PITFALL_RULES } from "./pitfall-rules.ts";

/** From the strictest on. */
export const NEW_WORKLOADS = ["require", "advise", "off"] as const;
export const PITFALLS = ["warnings", "errors", "advise", "off"] as const;

const NewWorkloads = z.enum(NEW_WORKLOADS, { error: "must be require, advise or off" });
const Pitfalls = z.enum(PITFALLS, { error: "must be warnings, errors, advise or off" });

const Rule = z.enum(PITFALL_RULES, {
  error: ({ input }) => (typeof input === "string" ? unknownWord(input, PITFALL_RULES) : undefined),
});
const Failing = z.array(Rule).max(100, { error: "must have at most 100 rules" });

const asked = { newWorkloads: NewWorkloads.optional(), pitfalls: Pitfalls.optional(), failing: Failing.optional() };

const Place = strict({ paths: z.array(RootedPath).min(1, { error: "must have a path" }), ...asked });

const Glob = z.string().regex(/^[-a-z0-9.*]{1,253}$/, {
  error: "must be a service's name, where * stands for any letters",
});
const Reason = z
  .string({ error: ({ input }) => (input === undefined ? "is missing: say why it needs no template" : undefined) })
  .regex(/^[^\p{Cc}\p{Cf}]*\S[^\p{Cc}\p{Cf}]*$/u, { error: "must be one line that says why" })
  .max(300, { error: "must have at most 300 characters" });

const Exemption = strict({
  paths: z.array(RootedPath).min(1, { error: "must have a path, or be left out" }).optional(),
  services: z.array(Glob).min(1, { error: "must name a service, or be left out" }).optional(),
  reason: Reason,
}).refine(({ paths, services }) => (paths ?? services) !== undefined, { error: "must have paths or services" });

const Exemptions = z.array(Exemption).max(500, { error: "must have at most 500 entries" });

/** What may stand in `policy`. */
export const WrittenPolicy = strict({
  ...asked,
  places: z.array(Place).max(200, { error: "must have at most 200 entries" }).default([]),
  exempt: Exemptions.default([]),
});
export type WrittenPolicy = z.infer<typeof WrittenPolicy>;

/** What may stand in `enforced.policy`. */
export const EnforcedPolicy = strict({
  newWorkloads: z.enum(["require", "advise"], { error: "must be require or advise: off enforces nothing" }).optional(),
  pitfalls: z
    .enum(["warnings", "errors", "advise"], { error: "must be warnings, errors or advise: off enforces nothing" })
    .optional(),
  failing: Failing.optional(),
  exempt: Exemptions.default([]),
});
export type EnforcedPolicy = z.infer<typeof EnforcedPolicy>;
