import type { Route } from "../routing.ts";
import { appRoutes } from "./app.ts";
import { checkRoutes } from "./checks.ts";
import { commentRoutes } from "./comments.ts";
import { contentRoutes } from "./contents.ts";
import { deliveryRoutes } from "./deliveries.ts";
import { hookRoutes } from "./hook.ts";
import { pullRoutes } from "./pulls.ts";
import { refRoutes } from "./refs.ts";
import { ruleRoutes } from "./rules.ts";
import { teamRoutes } from "./teams.ts";
import { userRoutes } from "./user.ts";
import { repositoryRoutes } from "./repository.ts";

/** Everything that this GitHub serves over REST; what is not here is answered with 501. */
// `/commits/{ref*}` in the last group would swallow the longer paths of the others
export const ROUTES: readonly Route[] = [
  ...appRoutes,
  ...hookRoutes,
  ...teamRoutes,
  ...userRoutes,
  ...pullRoutes,
  ...ruleRoutes,
  ...checkRoutes,
  ...deliveryRoutes,
  ...commentRoutes,
  ...refRoutes,
  ...contentRoutes,
  ...repositoryRoutes,
];
