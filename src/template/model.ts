import type { Name } from "../core/names.ts";
import type { RouterKind } from "../core/state.ts";
import type { Place } from "../config/document.ts";
import type { Steps } from "../config/steps.ts";
import type { Data } from "../manifest/data.ts";
import type { Strategy } from "../manifest/layouts/rollout-spec.ts";

/** What may be given for a parameter; `duration` is text such as 10m, `hostnames` a list of DNS names, said with commas between. */
export type ParameterType = "text" | "name" | "integer" | "boolean" | "duration" | "hostnames";

export type Value = string | number | boolean | readonly string[];

/** What whoever opts a service in may say. */
export type Parameter = {
  readonly name: string;
  readonly type: ParameterType;
  /** One sentence. */
  readonly help: string;
  /** `required`: an object that refers to it cannot be made without. `absent`: what refers to it is left out until it is given. */
  readonly default:
    | { readonly kind: "required" }
    | { readonly kind: "absent" }
    | { readonly kind: "value"; readonly value: Value };
  /** The only values, where there are few. */
  readonly choices: readonly string[] | undefined;
  /** Of an integer. */
  readonly range: { readonly least: number; readonly most: number } | undefined;
  readonly place: Place;
};

/** What moves the traffic of services on this template. */
export type Drive =
  /** Tidegate writes the weight into a route of this kind; two workloads. */
  | { readonly kind: "route"; readonly router: RouterKind }
  /** An owned Argo Rollout with `workloadRef`, one of the template's objects. Its controller moves a route of this kind; undefined: by the number of pods, or, blue/green, by its Services. */
  | { readonly kind: "rollout"; readonly router: RouterKind | undefined; readonly strategy: Strategy }
  /** A Canary of Flagger's that is there, with what it moves; nothing is made. */
  | { readonly kind: "canary"; readonly router: undefined };

/** A value as it is written in a template, with references yet to be followed. */
export type Node = { readonly place: Place } & (
  | { readonly kind: "map"; readonly entries: readonly { readonly key: string; readonly value: Node }[] }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "scalar"; readonly value: string | number | boolean | null }
);

/** One object of Kubernetes, a file of its own in the owned folder. */
export type TemplateObject = {
  /** The file's name, such as `route.yaml`. */
  readonly file: string;
  /** `routed`: left out where the service has a route of the template's kind, which is joined instead. */
  readonly unless: "routed" | undefined;
  /** Made only where one of these parameters has a value; always, where none is named. */
  readonly when: readonly string[];
  readonly object: Node;
};

/** What goes for services on a template where configuration is silent; opting in proposes it as an entry of `services` in `.github/tidegate.yml`. */
export type Plan = {
  /** As they are written in the configuration. */
  readonly steps: Steps | undefined;
  /** Milliseconds. */
  readonly bake: number | undefined;
  /** As they are written in an entry of `services`. */
  readonly gates: { readonly [key: string]: Data } | undefined;
};

export type Template = {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly drive: Drive;
  readonly objects: readonly TemplateObject[];
  readonly plan: Plan;
  /** The files that it was read from: its own, then those of what it extends. */
  readonly files: readonly string[];
};

type PodLabels = { readonly [key: string]: string };

/**
 * What a template may refer to, of one service in one target; names as they are called in the cluster. The canary's workload and the canary's Service are made by
 * opting in, from those of stable: no template has them among its objects.
 */
export type TemplateFacts = {
  readonly service: Name;
  readonly namespace: Name;
  readonly target: Name;
  /** Of stable's Service, the one that requests go to. */
  readonly port: { readonly name: string | undefined; readonly number: number };
  readonly services: { readonly stable: Name; readonly canary: Name };
  readonly workloads: { readonly stable: Name; readonly canary: Name };
  /** The labels by which each arm's pods are told from all others; undefined where those of both have the same, as an Argo Rollout's. */
  readonly selectors: { readonly stable: PodLabels; readonly canary: PodLabels } | undefined;
  /** The most pods that stable has; undefined where an autoscaler says how many, and what refers to it is left out. */
  readonly replicas: number | undefined;
  /** What the route is called: the one that is there, else the one to make. */
  readonly route: Name;
  /** The service has a route of the template's kind: objects that say `unless: routed` are left out. */
  readonly isRouted: boolean;
};

/** What a template makes of one service in one target. */
export type Instance = {
  readonly drive: Drive;
  readonly objects: readonly { readonly file: string; readonly object: { readonly [key: string]: Data } }[];
  readonly plan: Plan;
};
