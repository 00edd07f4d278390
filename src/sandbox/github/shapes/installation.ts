import { timestamp } from "../store.ts";
import type { Account, Installation, Repo, Store } from "../store.ts";
import { apiUrl, nodeId, userShape } from "./account.ts";

/** An installation of the App, in webhooks and at `GET /app/installations`. */
export function installationShape(store: Store, installation: Installation) {
  const { id, account, createdAt, permissions, suspended } = installation;
  return {
    id,
    account: userShape(store, account),
    repository_selection: "all" as const,
    access_tokens_url: `${store.origin}/api/v3/app/installations/${id}/access_tokens`,
    repositories_url: `${store.origin}/api/v3/installation/repositories`,
    html_url: `${store.origin}/organizations/${account.login}/settings/installations/${id}`,
    app_id: store.app.id,
    client_id: store.app.clientId,
    app_slug: store.app.slug,
    target_id: account.id,
    target_type: "Organization",
    permissions: { ...permissions },
    events: [...store.app.events],
    created_at: timestamp(createdAt),
    updated_at: timestamp(createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspended === undefined ? null : userShape(store, suspended.by),
    suspended_at: suspended === undefined ? null : timestamp(suspended.at),
  };
}

/** An account as the organisation that owns a repository. */
export function organizationShape(store: Pick<Store, "origin">, { id, login }: Account) {
  const url = `${apiUrl(store)}/orgs/${login}`;
  return {
    login,
    id,
    node_id: nodeId("Organization", id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${store.origin}/avatars/${id}`,
    description: null,
  };
}

/** A repository in the list of an installation. */
export function minimalRepo({ id, name, fullName }: Repo) {
  return { id, node_id: nodeId("Repository", id), name, full_name: fullName, private: true };
}
