import { z } from "zod";
import { strict } from "../config/document.ts";
import { Bake, ServiceGates } from "../config/repo-config.ts";
import { Steps } from "../config/steps.ts";
import { isName } from "../core/names.ts";
import { ROUTER_KINDS } from "../core/state.ts";

const MOST_HELP = 500;
const MOST_CHOICES = 50;
const MOST_PARAMETERS = 50;
const MOST_OBJECTS = 20;

const Sentence = z
  .string()
  .regex(/^\S[^\p{Cc}\p{Cf}]*$/u, { error: "must be one line of text" })
  .max(MOST_HELP, { error: `must have at most ${MOST_HELP} characters` });

export const TemplateName = z
  .string()
  .refine(isName, { error: "must be the name of a template: lower-case letters, digits and dashes" });

const ParameterName = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/, {
  error: "must be the name of a parameter: letters and digits, the first a small letter",
});

const Kind = z.enum(ROUTER_KINDS, { error: `must be the kind of a route: ${ROUTER_KINDS.join(", ")}` });

// The controller of Rollouts moves no traffic between Configurations of Knative's.
const ROLLED = ROUTER_KINDS.filter((kind) => kind !== "KnativeRoute");
const RolledKind = z.enum(ROLLED, { error: `must be the kind of a route: ${ROLLED.join(", ")}` });

const Bound = z.int().min(0).max(1_000_000_000);

const Parameter = strict({
  type: z
    .enum(["text", "name", "integer", "boolean", "duration", "hostnames"], {
      error: "must be text, name, integer, boolean, duration or hostnames",
    })
    .describe(
      "What may be given: text, a name of Kubernetes, a whole number, true or false, a duration such as 10m, DNS names.",
    ),
  help: Sentence.describe("What it is, in one sentence."),
  default: z
    .union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())], {
      error: "must be a value of its type, or null",
    })
    .optional()
    .describe(
      "What goes unless it is given. Left out, it must be given where it is needed; null, what refers to it is left out.",
    ),
  choices: z
    .array(z.string())
    .min(1, { error: "must have a value" })
    .max(MOST_CHOICES, { error: `must have at most ${MOST_CHOICES} values` })
    .optional()
    .describe("The only texts that may be given."),
  least: Bound.optional().describe("Of an integer: the least that may be given."),
  most: Bound.optional().describe("Of an integer: the most that may be given."),
});

const Drive = z
  .union(
    [
      strict({ route: Kind.describe("Tidegate writes the weight into a route of this kind.") }),
      strict({
        rollout: z
          .union([z.enum(["pods", "blue-green"]), RolledKind])
          .describe(
            "An Argo Rollout's controller moves a route of this kind; or the number of pods makes the share; or, blue-green, the active Service switches to a whole set of new pods.",
          ),
      }),
      strict({
        canary: z
          .literal("flagger", { error: "must be flagger" })
          .describe("Flagger moves what the Canary of the service says that is there; the template makes no objects."),
      }),
    ],
    {
      error: `must be { route: <kind> }, { rollout: <kind>, pods or blue-green } or { canary: flagger }, where the kinds are ${ROUTER_KINDS.join(", ")}`,
    },
  )
  .describe("What moves the traffic.");

const FileName = z
  .string()
  .regex(/^[a-z0-9][-a-z0-9]{0,60}\.yaml$/, { error: "must be the name of a file such as route.yaml" });

const OneObject = strict({
  unless: z
    .literal("routed", { error: "must be routed, or left out" })
    .optional()
    .describe("routed: left out where the service has a route of the template's kind, which is joined instead."),
  when: z
    .array(ParameterName)
    .min(1, { error: "must name a parameter" })
    .optional()
    .describe("Made only where one of these parameters has a value."),
  object: z
    .record(z.string(), z.unknown())
    .describe("The object of Kubernetes. A value ${name} is that of a parameter or of a fact of the service."),
});

const Plan = strict({
  steps: Steps.optional().describe(
    "Weights in per cent, rising up to 50; 0 first bakes the canary without traffic, { mirror: N } before them sends it copies of N % of the requests, { testers: true } after that testers alone, [0, 100] switches all traffic.",
  ),
  bake: Bake.optional().describe("How long each weight is watched at least."),
  gates: ServiceGates.optional().describe("As in an entry of services in .github/tidegate.yml."),
}).describe("What goes for services on it where configuration is silent; opting in proposes it there.");

/** What may stand in a `template.yaml` that extends none, or in one together with all that it extends. */
export const TemplateFile = strict({
  version: z.literal(1, { error: 'must be 1, the only version so far: write "version: 1"' }),
  title: Sentence.describe("What it is, in a few words."),
  summary: Sentence.describe("What it is for, in one sentence."),
  parameters: z
    .record(ParameterName, Parameter)
    .refine((all) => Object.keys(all).length <= MOST_PARAMETERS, { error: `must have at most ${MOST_PARAMETERS}` })
    .default({})
    .describe("What whoever opts a service in may say, by name."),
  drive: Drive,
  objects: z
    .record(FileName, OneObject)
    .refine((all) => Object.keys(all).length <= MOST_OBJECTS, { error: `must have at most ${MOST_OBJECTS}` })
    .default({})
    .describe("The objects that opting in adds, each by the file in the owned folder that has it."),
  plan: Plan.optional(),
});

export type TemplateFile = z.infer<typeof TemplateFile>;
