import { HttpError, notFound } from "../http-error.ts";
import { param } from "../routing.ts";
import type { Answer, Route, TokenCall } from "../routing.ts";
import { apiUrl } from "../shapes/account.ts";
import type { Published } from "../shapes/published.ts";
import { holds } from "../tokens.ts";

/** Who is in a team of an organisation. */
export const teamRoutes: readonly Route[] = [
  { kind: "token", method: "GET", path: "/orgs/{org}/teams/{slug}/memberships/{username}", run: getMembership },
];

function getMembership(call: TokenCall): Answer {
  const { store, token } = call;
  const [org, slug, username] = [param(call, "org"), param(call, "slug"), param(call, "username")];
  if (token.installation.account.login.toLowerCase() !== org.toLowerCase()) throw notFound();
  if (!holds(store, token, { permission: "members", level: "read" }))
    throw new HttpError(403, "Resource not accessible by integration");
  const team = store.teams.get(`${org}/${slug}`.toLowerCase());
  if (team?.members.has(username.toLowerCase()) !== true) throw notFound();
  return {
    status: 200,
    body: {
      url: `${apiUrl(store)}/organizations/${token.installation.account.id}/team/${team.id}/memberships/${username}`,
      role: "member",
      state: "active",
    } satisfies Published<"teams", "getMembershipForUserInOrg">,
  };
}
