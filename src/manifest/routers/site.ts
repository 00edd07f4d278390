import type { YamlPath } from "../../yaml/look.ts";
import type { Refusal } from "../../yaml/refusal.ts";
import type { Mapping } from "../../yaml/tree.ts";

/** A place where a share of the traffic is written. */
export type WeightSite = {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** What the place is, however lines move: the object, and the keys to the weight with backends by their names. */
  readonly where: string;
  /** The kind of object that says what the weight means, such as `HTTPRoute`. */
  readonly router: string;
  /** `namespace/name`, as far as the file says them. */
  readonly object: string;
  /** Equal for the backends that share the same traffic. */
  readonly split: string;
  /** The Service, subset or host that the weight is of; undefined where it is the canary's by its place, such as a step's. */
  readonly backend: string | undefined;
  readonly arm: Arm;
  readonly weight: number;
  /** Offsets of the number with its unit, quotes not included. */
  readonly start: number;
  readonly end: number;
  /** "m" where the number is written in thousandths. */
  readonly unit: Unit;
};

export type Unit = "" | "m";

/** Which of the two arms a weight is of, as the place or the backend's name tells; undefined where they do not. */
export type Arm = "canary" | "stable" | undefined;

/** What a file says of weights: the places, and what looks like one and is left alone, with the reason. */
export type WeightReading = { readonly sites: readonly WeightSite[]; readonly unread: readonly Refusal[] };

/** One weight within an object: where it is written, by offsets in the text that its tree is of, and what it is of. */
export type Spot = {
  readonly start: number;
  readonly end: number;
  /** As it is written; undefined where it cannot be set there. */
  readonly written: string | undefined;
  /** From the object's root to the weight. */
  readonly path: YamlPath;
  readonly split: YamlPath;
  readonly backend: string | undefined;
};

/** What finds the weights of one kind of object. `groups` are its API groups; a file that names none may be meant as well. */
export type Finder = {
  readonly kind: string;
  readonly groups: readonly string[];
  readonly spots: (object: Mapping) => readonly Spot[];
};
