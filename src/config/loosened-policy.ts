import type { Enforced } from "./enforced.ts";
import type { Loose } from "./loosened.ts";
import { NEW_WORKLOADS, PITFALLS } from "./policy-schema.ts";
import type { RepoConfig } from "./repo-config.ts";
import type { Path } from "./said.ts";

/** Where a file asks less of pull requests than is enforced. */
export function policyProblems({ policy }: RepoConfig, { policy: enforced }: Enforced): readonly Loose[] {
  if (policy === undefined || enforced === undefined) return [];
  const all = [
    { at: ["policy"], asked: policy },
    ...policy.places.map((asked, index) => ({ at: ["policy", "places", index], asked })),
  ];
  const looser = all.flatMap(({ at, asked }) => [
    ...below([...at, "newWorkloads"], NEW_WORKLOADS, asked.newWorkloads, enforced.newWorkloads),
    ...below([...at, "pitfalls"], PITFALLS, asked.pitfalls, enforced.pitfalls),
  ]);
  if (enforced.newWorkloads === undefined) return looser;
  const freed = policy.exempt.map((_, index): Loose => {
    const found = `an exemption from ${enforced.newWorkloads}`;
    return { at: ["policy", "exempt", index], found, allowed: "its own alone", by: ["policy", "newWorkloads"] };
  });
  return [...looser, ...freed];
}

/** `order` begins with the strictest. */
function below(at: Path, order: readonly string[], value: string | undefined, bound: string | undefined) {
  if (value === undefined || bound === undefined) return [];
  const allowed = order.slice(0, order.indexOf(bound) + 1);
  const by: Path = ["policy", at.at(-1) ?? ""];
  return allowed.includes(value) ? [] : [{ at, found: value, allowed: allowed.join(" or "), by }];
}
