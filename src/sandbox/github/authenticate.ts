import type { IncomingHttpHeaders } from "node:http";
import { HttpError } from "./http-error.ts";
import { newBudget } from "./limits.ts";
import type { Budget } from "./limits.ts";
import type { Route } from "./routing.ts";
import type { Store, Token } from "./store.ts";
import { liveToken, verifyAppToken } from "./tokens.ts";

/** Who asks, and out of which budget; `token` is undefined for the App itself. */
export type Caller = { readonly token: Token | undefined; readonly budget: Budget };

/** Finds out who asks: the App by its signed token where a route is the App's, an installation by its token elsewhere; else 401. */
export function authenticate(store: Store, route: Route, headers: IncomingHttpHeaders): Caller {
  const value = /^(?:bearer|token)\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  if (route.kind === "app") {
    verifyAppToken(store, value);
    return { token: undefined, budget: budgetOf(store, "app") };
  }
  const token = liveToken(store, value);
  if (token === undefined) throw new HttpError(401, "Bad credentials");
  return { token, budget: budgetOf(store, budgetKey(token)) };
}

/** Where the budget of a token's installation is kept. */
export function budgetKey({ installation }: Token): string {
  return `installation ${installation.id}`;
}

function budgetOf({ budgets, clock }: Store, key: string): Budget {
  const budget = budgets.get(key) ?? newBudget(clock.now());
  budgets.set(key, budget);
  return budget;
}
