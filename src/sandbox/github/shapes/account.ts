import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Account, App, Permissions, Store } from "../store.ts";
import { timestamp } from "../store.ts";

export type UserShape = RestEndpointMethodTypes["issues"]["getComment"]["response"]["data"]["user"] & object;
export type AppShape = NonNullable<RestEndpointMethodTypes["apps"]["getAuthenticated"]["response"]["data"]>;

/** Where the API is; everything under it is what `api.github.com` serves. */
export function apiUrl({ origin }: Pick<Store, "origin">): string {
  return `${origin}/api/v3`;
}

/** The opaque id that GitHub's GraphQL would take. */
export function nodeId(kind: string, id: number): string {
  return Buffer.from(`${kind}:${id}`).toString("base64url");
}

/** A person, a bot or an organisation, as GitHub's "simple user". */
export function userShape(store: Pick<Store, "origin">, { id, login, type }: Account) {
  const url = `${apiUrl(store)}/users/${encodeURIComponent(login)}`;
  const html = type === "Bot" ? `${store.origin}/apps/${login.replace("[bot]", "")}` : `${store.origin}/${login}`;
  return {
    login,
    id,
    node_id: nodeId(type, id),
    avatar_url: `${store.origin}/avatars/${id}`,
    gravatar_id: "",
    url,
    html_url: html,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
    user_view_type: "public",
  } satisfies UserShape;
}

/** The same of whoever opened a pull request, where GitHub puts its ghost in place of an account that is deleted. */
export function openerShape(store: Pick<Store, "origin" | "ghosts">, account: Account) {
  return userShape(store, store.ghosts.has(account.id) ? GHOST : account);
}

/** The same of whoever wrote something; null once the account is deleted. */
export function authorShape(store: Pick<Store, "origin" | "ghosts">, account: Account) {
  return store.ghosts.has(account.id) ? null : userShape(store, account);
}

/** An App, as on a check run or at `GET /app`. */
export function appShape(
  store: Pick<Store, "origin">,
  app: App & { readonly permissions?: Permissions; readonly events?: readonly string[] },
) {
  const owner: Account = { id: 1, login: "tidegate", type: "Organization" };
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: nodeId("App", app.id),
    owner: userShape(store, owner),
    name: app.slug,
    description: null,
    external_url: `${store.origin}/apps/${app.slug}`,
    html_url: `${store.origin}/apps/${app.slug}`,
    created_at: timestamp(0),
    updated_at: timestamp(0),
    permissions: { ...app.permissions },
    events: [...(app.events ?? [])],
  } satisfies AppShape;
}

const GHOST: Account = { id: 10137, login: "ghost", type: "User" };
