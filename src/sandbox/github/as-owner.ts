import { knownRepo } from "./enter.ts";
import { emitSuspension } from "./events.ts";
import { ensureAccount, installationOf } from "./store.ts";
import type { Account, Installation, Level, Role, Settings, Store } from "./store.ts";

/** What the owners of an organisation set, and what befalls its people and the App. */
export type OwnerActions = {
  readonly configure: (repo: string, settings: Partial<Settings>) => void;
  /** Undefined takes the role away. */
  readonly setRole: (repo: string, user: string, role: Role | undefined) => void;
  /** Makes a team (`org/slug`) of these logins, or changes who is in it. */
  readonly setTeam: (team: string, members: readonly string[]) => void;
  /** The account is gone, with its roles and teams; what it wrote stays, without an author. */
  readonly deleteUser: (user: string) => void;
  /** Grants the installation on a repository's owner a permission at a level; undefined takes it away. */
  readonly permit: (repo: string, permission: string, level: Level | undefined) => void;
  /** Suspends the App on a repository's owner: it is refused everything and told nothing. */
  readonly suspend: (repo: string) => void;
  readonly unsuspend: (repo: string) => void;
  /** Every token that was given stops working, as when a key leaks; with a repository, those of its owner's installation. */
  readonly revokeTokens: (repo?: string) => void;
};

/** The actions of owners over a store. */
export function ownerActions(store: Store): OwnerActions {
  return {
    configure(name, settings) {
      const repo = knownRepo(store, name);
      repo.settings.current = { ...repo.settings.current, ...settings };
    },
    setRole(name, user, role) {
      const { roles } = knownRepo(store, name);
      ensureAccount(store, user);
      if (role === undefined) roles.delete(user.toLowerCase());
      else roles.set(user.toLowerCase(), role);
    },
    setTeam(name, members) {
      const team = name.toLowerCase();
      const logins = members.map((login) => ensureAccount(store, login).login.toLowerCase());
      store.teams.set(team, { id: store.teams.get(team)?.id ?? store.nextId(), members: new Set(logins) });
    },
    deleteUser: (user) => deleteUser(store, user.toLowerCase()),
    permit(name, permission, level) {
      const known = installed(store, name);
      const { [permission]: _, ...others } = known.permissions;
      const permissions = level === undefined ? others : { ...others, [permission]: level };
      store.installations.set(known.id, { ...known, permissions });
    },
    suspend: (name) => setSuspended(store, name, { at: store.clock.now(), by: installed(store, name).account }),
    unsuspend: (name) => setSuspended(store, name, undefined),
    revokeTokens(name) {
      const id = name === undefined ? undefined : installed(store, name).id;
      for (const [value, { installation }] of store.tokens)
        if (id === undefined || installation.id === id) store.tokens.delete(value);
    },
  };
}

function installed(store: Store, name: string): Installation {
  const installation = installationOf(store, knownRepo(store, name));
  if (installation === undefined) throw new Error(`The App is not installed on ${name}`);
  return installation;
}

function setSuspended(store: Store, name: string, suspended: Installation["suspended"]): void {
  const known = installed(store, name);
  const changed: Installation = { ...known, suspended };
  store.installations.set(known.id, changed);
  const by: Account = suspended?.by ?? known.account;
  emitSuspension(store, changed, by);
}

function deleteUser({ accounts, ghosts, repos, teams }: Store, login: string): void {
  const account = accounts.get(login);
  if (account === undefined) throw new Error(`There is no user ${login}`);
  ghosts.add(account.id);
  accounts.delete(login);
  for (const { roles } of repos.values()) roles.delete(login);
  for (const [name, team] of teams)
    teams.set(name, { ...team, members: new Set([...team.members].filter((member) => member !== login)) });
}
