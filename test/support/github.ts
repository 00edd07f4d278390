import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { startGitHub } from "../../src/sandbox/github/start.ts";
import type { GitHubOptions, SandboxGitHub } from "../../src/sandbox/github/start.ts";
import { watch } from "../contract/described.ts";
import { createAppKey, signJwt } from "./app-key.ts";
import type { AppKey } from "./app-key.ts";

/** An answer of the sandbox, its body parsed where it is JSON. */
export type Reply = { readonly status: number; readonly headers: Headers; readonly json: unknown };

export type Ask = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

export type TestGitHub = {
  readonly github: SandboxGitHub;
  readonly key: AppKey;
  readonly clock: { at: number };
  readonly jwt: (claims?: Partial<{ iss: string | number; iat: number; exp: number }>) => string;
  /** A token for everything in the installation of a repository's owner. */
  readonly token: (repo?: string) => Promise<string>;
  /** Asks the API with a token (default: a token of `REPO`). */
  readonly ask: (method: string, path: string, ask?: Ask) => Promise<Reply>;
  readonly close: () => Promise<void>;
};

export const REPO = "acme/gitops";
export const NOON = Date.UTC(2026, 10, 20, 12);
export const APP = { id: 4242, slug: "tidegate", clientId: "Iv1.sandbox", webhookSecret: "a proper secret" };

/** A GitHub with one repository, three people and a clock that stands still. */
export async function testGitHub(options: Partial<GitHubOptions> = {}): Promise<TestGitHub> {
  const key = createAppKey();
  const clock = { at: NOON };
  const dataDir = await mkdtemp(join(tmpdir(), "sandbox-github-"));
  const witness = watch();
  const github = await startGitHub({
    dataDir,
    witness,
    clock: { now: () => clock.at },
    app: { ...APP, publicKey: key.publicKey },
    users: { ana: { [REPO]: "admin" }, ben: { [REPO]: "write" }, cleo: { [REPO]: "read" }, dan: {} },
    ...options,
  });
  await github.createRepo(REPO, { "app.yaml": "image: shop:1\n", "README.md": "# Shop\n" });
  const jwt: TestGitHub["jwt"] = (claims) =>
    signJwt(key, { iss: APP.id, iat: clock.at / 1000 - 30, exp: clock.at / 1000 + 540, ...claims });
  const asking = async (method: string, path: string, authorization: string, { body, headers }: Ask = {}) => {
    const text = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await fetch(`${github.url}${path}`, { method, headers: { authorization, ...headers }, ...text });
    return { status: response.status, headers: response.headers, json: parsed(await response.text()) };
  };
  const token = async (repo = REPO): Promise<string> => {
    const path = `/app/installations/${github.installationId(repo)}/access_tokens`;
    return z.object({ token: z.string() }).parse((await asking("POST", path, `Bearer ${jwt()}`)).json).token;
  };
  let known: string | undefined;
  return {
    github,
    key,
    clock,
    jwt,
    token,
    ask: async (method, path, given) =>
      asking(method, path, given?.headers?.["authorization"] ?? `Bearer ${(known ??= await token())}`, given),
    async close() {
      await github.close();
      await rm(dataDir, { recursive: true, force: true });
      witness.verify();
    },
  };
}

/** What a rel of the `Link` header points to. */
export function linked({ headers }: Reply, rel: string): string | undefined {
  return new RegExp(`<([^>]+)>; rel="${rel}"`).exec(headers.get("link") ?? "")?.[1];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
