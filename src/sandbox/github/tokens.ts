import { createPublicKey, randomBytes, verify } from "node:crypto";
import { HttpError, notFound } from "./http-error.ts";
import { hasRole } from "./roles.ts";
import { installationOf, timestamp } from "./store.ts";
import type { Acting, Installation, Need, Permissions, Repo, Store, Token } from "./store.ts";

export type TokenRequest = {
  readonly repositories?: readonly string[] | undefined;
  readonly repositoryIds?: readonly number[] | undefined;
  readonly permissions?: Permissions | undefined;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Checks that a JSON Web Token was signed by the App, for the App, now; throws GitHub's 401 otherwise. */
export function verifyAppToken({ app }: Store, jwt: string): void {
  const [head = "", claims = "", signature = ""] = jwt.split(".");
  const { iss, iat, exp } = decode(claims);
  if (decode(head)["alg"] !== "RS256" || !isSignedBy(app.publicKey, `${head}.${claims}`, signature)) {
    throw new HttpError(401, "A JSON web token could not be decoded");
  }
  if (String(iss) !== String(app.id) && iss !== app.clientId) throw new HttpError(401, "Integration not found");
  refuseTimes(Math.floor(app.clock.now() / 1000), iat, exp);
}

function refuseTimes(now: number, iat: unknown, exp: unknown): void {
  if (!isSecond(iat) || iat > now + CLOCK_SKEW_S) throw new HttpError(401, ISSUED_WRONGLY);
  if (!isSecond(exp) || exp <= now) throw new HttpError(401, EXPIRED);
  if (exp > now + LONGEST_LIFE_S + CLOCK_SKEW_S) throw new HttpError(401, EXPIRES_TOO_LATE);
}

function isSecond(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

// Octokit knows a clock that is wrong by these words
const ISSUED_WRONGLY =
  "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
const EXPIRED =
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
const EXPIRES_TOO_LATE = "'Expiration time' claim ('exp') is too far in the future";

/** Makes a token for one hour, for no more than the installation has; 422 for anything beyond that. */
export function issueToken(
  store: Store,
  installation: Installation,
  request: TokenRequest,
): { readonly value: string; readonly token: Token } {
  refuseSuspended(store, installation);
  const token: Token = {
    installation,
    repositories: chosenRepos(store, installation, request),
    permissions: chosenPermissions(installation.permissions, request.permissions),
    expiresAt: store.clock.now() + HOUR,
  };
  const value = newTokenValue(store.app.id);
  store.tokens.set(value, token);
  return { value, token };
}

/** Makes a token with which a person asks for one repository as themselves. Throws where the App is not installed, for the sandbox knows no others. */
export function personalToken({ store, repo, by }: Acting): string {
  const installation = installationOf(store, repo);
  if (installation === undefined) throw new Error(`The App is not installed on ${repo.fullName}`);
  const level = hasRole(repo, by.login, "write") ? "write" : "read";
  const value = `github_pat_${randomBytes(40).toString("hex")}`;
  store.tokens.set(value, {
    person: by,
    installation,
    repositories: [repo.id],
    permissions: { metadata: "read", contents: level, issues: "write", pull_requests: "write", statuses: level },
    expiresAt: store.clock.now() + DAY,
  });
  return value;
}

/** The token of that value, if it has not expired. */
export function liveToken({ tokens, clock }: Store, value: string): Token | undefined {
  const token = tokens.get(value);
  return token !== undefined && clock.now() < token.expiresAt ? token : undefined;
}

/** The repositories that a token sees. */
export function visibleRepos({ repos }: Store, token: Token): readonly Repo[] {
  return [...repos.values()].filter((repo) => mayEnter(token, repo));
}

/** Whether a token reaches a repository at all. */
export function mayEnter({ installation, repositories }: Token, repo: Repo): boolean {
  return repo.owner.id === installation.account.id && (repositories === undefined || repositories.includes(repo.id));
}

/** Whether a token has a permission, and its installation still does; `write` includes `read`. */
export function holds({ installations }: Store, { permissions, installation }: Token, need: Need): boolean {
  const granted = installations.get(installation.id)?.permissions ?? {};
  return [permissions, granted].every(
    ({ [need.permission]: level }) => level !== undefined && (level === "write" || level === need.level),
  );
}

/** Throws GitHub's 403 when the installation is suspended. */
export function refuseSuspended({ installations }: Store, { id }: Pick<Installation, "id">): void {
  if (installations.get(id)?.suspended !== undefined)
    throw new HttpError(403, "This installation has been suspended", { docs: "rest/apps/apps" });
}

/** The `expires_at` of a token. */
export function expiry({ expiresAt }: Token): string {
  return timestamp(expiresAt);
}

// what GitHub forgives between two clocks
const CLOCK_SKEW_S = 5;

const LONGEST_LIFE_S = 600;

function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  return verify("RSA-SHA256", Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, "base64url"));
}

function decode(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function chosenRepos(
  store: Store,
  { account }: Installation,
  { repositories, repositoryIds }: TokenRequest,
): readonly number[] | undefined {
  if (repositories === undefined && repositoryIds === undefined) return undefined;
  const own = [...store.repos.values()].filter(({ owner }) => owner.id === account.id);
  const named = (repositories ?? []).map(
    (name) => own.find((repo) => repo.name.toLowerCase() === name.toLowerCase())?.id,
  );
  const numbered = (repositoryIds ?? []).map((id) => own.find((repo) => repo.id === id)?.id);
  return [...named, ...numbered].map((id) => {
    if (id === undefined)
      throw new HttpError(
        422,
        "There is at least one repository that does not exist or is not accessible to the parent installation.",
      );
    return id;
  });
}

function chosenPermissions(granted: Permissions, asked: Permissions | undefined): Permissions {
  if (asked === undefined) return granted;
  for (const [name, level] of Object.entries(asked)) {
    if (granted[name] !== "write" && granted[name] !== level)
      throw new HttpError(422, "The permissions requested are not granted to this installation.");
  }
  return { metadata: "read", ...asked };
}

// the length and the two dots of GitHub's present tokens, so that nobody relies on the old forty characters
function newTokenValue(appId: number): string {
  return `ghs_${appId}_${[120, 200, 64].map((bytes) => randomBytes(bytes).toString("base64url")).join(".")}`;
}

/** The installation of an id, or 404. */
export function installationById({ installations }: Store, id: string): Installation {
  const installation = installations.get(Number(id));
  if (installation === undefined) throw notFound();
  return installation;
}
