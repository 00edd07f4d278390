import { HttpError } from "../http-error.ts";
import type { Answer, Route, TokenCall } from "../routing.ts";
import { userShape } from "../shapes/account.ts";
import type { Published } from "../shapes/published.ts";
import { timestamp } from "../store.ts";

/** Who asks, where it is a person. */
export const userRoutes: readonly Route[] = [{ kind: "token", method: "GET", path: "/user", run: getUser }];

function getUser({ store, token: { person } }: TokenCall): Answer {
  if (person === undefined) throw new HttpError(403, "Resource not accessible by integration");
  const unsaid = { name: null, company: null, blog: null, location: null, email: null, hireable: null, bio: null };
  const counts = { public_repos: 0, public_gists: 0, followers: 0, following: 0 };
  const times = { created_at: timestamp(0), updated_at: timestamp(0) };
  const body = { ...userShape(store, person), ...unsaid, ...counts, ...times };
  return { status: 200, body: body satisfies Published<"users", "getAuthenticated"> };
}
