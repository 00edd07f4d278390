import type { Manifests } from "./state.ts";

/** Every file that a member is written in. */
export function filesOf({ canary, stable, route }: Manifests): readonly string[] {
  return [canary, stable, route];
}

/** The file whose version people and bots change. */
export function bumpedIn({ canary }: Manifests): string {
  return canary;
}

/** The file that says what stable runs. */
export function pinnedIn({ stable }: Manifests): string {
  return stable;
}

/** The file that says the canary's weight. */
export function weighedIn({ route }: Manifests): string {
  return route;
}
