import { readFileSync } from "node:fs";

import { repoName, type RepoName } from "../../src/core/names.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** A GitHub that is not ours to set up: where it is, and who takes part. */
export type RealService = {
  /** The address of its API. */
  readonly api: string;
  readonly repo: RepoName;
  /** As whom Tidegate signs in; undefined: it writes as ben. */
  readonly app: { readonly id: number; readonly privateKey: string } | undefined;
  /** A token of each person that takes part: ben writes, ana administers, cleo reads, dan is a stranger. */
  readonly people: ReadonlyMap<string, string>;
  /** Its sleeps are how time goes on. */
  readonly clock: Clock;
  /** Between two writes of a person's. */
  readonly gapMs: number;
};

/** The real service that the environment names, or what is missing to ask it. */
export type Named =
  | { readonly kind: "named"; readonly service: RealService }
  | { readonly kind: "missing"; readonly why: string };

type Environment = Readonly<Record<string, string | undefined>>;

const NEEDED = ["TIDEGATE_TEST_TOKEN", "TIDEGATE_TEST_REPOSITORY"] as const;

/** Reads from the environment which GitHub is asked, and as whom. Throws where a variable says what cannot be. */
export function namedService(environment: Environment, clock: Clock): Named {
  const said = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const missing = NEEDED.filter((name) => said(name) === undefined);
  const [token, repository] = NEEDED.map(said);
  if (token === undefined || repository === undefined)
    return { kind: "missing", why: `not run: ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not set` };
  const people = [
    ["ben", token],
    ["ana", said("TIDEGATE_TEST_TOKEN_ANA")],
    ["cleo", said("TIDEGATE_TEST_TOKEN_CLEO")],
    ["dan", said("TIDEGATE_TEST_TOKEN_DAN")],
  ].flatMap(([name, value]): [string, string][] => (name === undefined || value === undefined ? [] : [[name, value]]));
  return {
    kind: "named",
    service: {
      api: (said("GITHUB_API_URL") ?? "https://api.github.com").replace(/\/+$/, ""),
      repo: repoName(repository),
      app: appOf(said("TIDEGATE_TEST_APP_ID"), said("TIDEGATE_TEST_APP_KEY_FILE")),
      people: new Map(people),
      clock,
      gapMs: 1_000,
    },
  };
}

function appOf(id: string | undefined, file: string | undefined): RealService["app"] {
  if (id === undefined && file === undefined) return undefined;
  if (id === undefined || file === undefined || !/^\d+$/.test(id))
    throw new Error("TIDEGATE_TEST_APP_ID (a number) and TIDEGATE_TEST_APP_KEY_FILE go together.");
  return { id: Number(id), privateKey: readFileSync(file, "utf8") };
}
