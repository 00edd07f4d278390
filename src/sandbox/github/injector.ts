import { FAULTS } from "./fault-catalogue.ts";
import type { CatalogueEntry, FaultName } from "./fault-catalogue.ts";
import type { Fault, FaultHook, FaultRequest } from "./faults.ts";

/** Which requests a rule is for; what is left out matches any. `route` is the pattern, or the end of it. */
export type Aim = { readonly method?: string; readonly route?: string };

/** `each`: this fault, as long as the rule stands. `order`: these, one per request to which it can happen, then none. `chance`: any of these, with this probability. */
export type Rule = { readonly aim: Aim } & (
  | { readonly kind: "each"; readonly fault: FaultName }
  | { readonly kind: "order"; readonly faults: readonly (FaultName | "none")[] }
  | { readonly kind: "chance"; readonly faults: readonly FaultName[]; readonly probability: number }
);

/** How often one call met one fault; `call` is method and route. */
export type Tally = { readonly call: string; readonly fault: FaultName; readonly times: number };

export type Injector = {
  readonly hook: FaultHook;
  /** What was injected so far, by call and then by fault. */
  readonly tally: () => readonly Tally[];
};

/** A fault rule from the catalogue: the first rule that has a fault for a request decides. `random` gives numbers in [0, 1). */
export function injector(rules: readonly Rule[], random: () => number): Injector {
  const counts = new Map<string, Tally>();
  const choosers = rules.map((rule) => chooserOf(rule, random));
  return {
    hook(request) {
      for (const choose of choosers) {
        const chosen = choose(request);
        if (chosen === undefined) continue;
        count(counts, request, chosen.name);
        return chosen.http;
      }
      return undefined;
    },
    tally: () => [...counts.values()].toSorted((a, b) => order(a).localeCompare(order(b))),
  };
}

/** Whether GitHub can answer a request with a fault; a stale read needs an earlier one to be stale with. */
export function canMeet({ on, name }: Pick<CatalogueEntry, "on" | "name">, request: FaultRequest): boolean {
  if (name === "mergeableNull") return isMerge(request) || isPullRead(request);
  if (name === "staleRead" && !request.isRemembered) return false;
  switch (on) {
    case "any":
      return true;
    case "read":
      return isRead(request) && !isGit(request);
    case "write":
      return !isRead(request) && !(isGit(request) && isRest(name));
    case "merge":
      return isMerge(request);
    default:
      return false;
  }
}

/** Whether a request merges a pull request. */
export function isMerge({ method, route }: Pick<FaultRequest, "method" | "route">): boolean {
  return method === "PUT" && route.endsWith("/pulls/{number}/merge");
}

type Chosen = { readonly name: FaultName; readonly http: Fault };

type Chooser = (request: FaultRequest) => Chosen | undefined;

function chooserOf(rule: Rule, random: () => number): Chooser {
  const aimed = (request: FaultRequest, name: FaultName) =>
    matches(rule.aim, request) ? injectable(name, request) : undefined;
  if (rule.kind === "each") return (request) => aimed(request, rule.fault);
  if (rule.kind === "order") return inOrder(rule, aimed);
  return (request) => {
    if (!matches(rule.aim, request) || random() >= rule.probability) return undefined;
    const possible = rule.faults.flatMap((name) => aimed(request, name) ?? []);
    return possible[Math.floor(random() * possible.length)];
  };
}

function inOrder(
  { aim, faults }: Rule & { readonly kind: "order" },
  aimed: (request: FaultRequest, name: FaultName) => Chosen | undefined,
): Chooser {
  const left = [...faults];
  return (request) => {
    const [next] = left;
    if (next === undefined || !matches(aim, request)) return undefined;
    const chosen = next === "none" ? undefined : aimed(request, next);
    if (next === "none" || chosen !== undefined) left.shift();
    return chosen;
  };
}

function injectable(name: FaultName, request: FaultRequest): Chosen | undefined {
  const entry = FAULTS.find((one) => one.name === name);
  if (entry === undefined || entry.http === "custom" || !canMeet(entry, request)) return undefined;
  return { name, http: entry.http };
}

function matches({ method, route }: Aim, request: FaultRequest): boolean {
  return (method === undefined || method === request.method) && (route === undefined || request.route.endsWith(route));
}

function isGit({ route }: FaultRequest): boolean {
  return route.startsWith("/{owner}/{repo}.git/");
}

// git reads by GET and POST, and writes by one POST only
function isRead(request: FaultRequest): boolean {
  return isGit(request) ? !request.route.endsWith("/git-receive-pack") : request.method === "GET";
}

function isPullRead({ method, route }: FaultRequest): boolean {
  return method === "GET" && route.endsWith("/pulls/{number}");
}

// refusals that only the API gives
function isRest(name: FaultName): boolean {
  return name === "contentLimit" || name === "conflict" || name === "unprocessable";
}

function count(counts: Map<string, Tally>, { method, route }: FaultRequest, fault: FaultName): void {
  const call = `${method} ${route}`;
  const key = `${call} ${fault}`;
  counts.set(key, { call, fault, times: (counts.get(key)?.times ?? 0) + 1 });
}

function order({ call, fault }: Tally): string {
  return `${call} ${fault}`;
}
