import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEMO_PACE, REPO, startWorld, type SandboxWorld } from "../../src/sandbox/world.ts";
import { services } from "../../src/cli/services.ts";
import { deployment } from "../manifest/services/repo.ts";
import { bareRemote, type FileAt } from "../support/remote.ts";
import { fakeTerminal, MACHINE_CLOCK } from "../support/terminal.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const CLOCK = { now: () => 0, sleep: async () => undefined };
const SHOP = {
  "apps/cart/dev/deployment.yaml": deployment("cart", "cart:2"),
  "apps/cart/prod/deployment.yaml": deployment("cart", "cart:1"),
};

function repository(files: Readonly<Record<string, FileAt>>) {
  const remote = bareRemote();
  cleanups.push(remote.remove);
  const head = remote.commit("main", files);
  return { ...remote, head };
}

async function run(...args: readonly string[]) {
  let [out, said] = ["", ""];
  const status = await services(
    args,
    {
      environment: { PATH: process.env["PATH"] },
      write: (text) => {
        out += text;
      },
      tell: (text) => {
        said += text;
      },
      columns: undefined,
    },
    CLOCK,
  );
  return { status, out, said };
}

it("prints what is where, and why", async () => {
  const { directory } = repository(SHOP);
  const { status, out, said } = await run(directory);
  expect({ status, said }).toEqual({ status: 0, said: "" });
  expect(out).toBe(`SERVICE  NAMESPACE  TARGET  IMAGE  VERSION  SET IN                             FOUND BY
cart     -          dev     cart   2        apps/cart/dev/deployment.yaml:10   manifests apps/cart/dev/deployment.yaml, named by its siblings
         -          prod    cart   1        apps/cart/prod/deployment.yaml:10  manifests apps/cart/prod/deployment.yaml, named by its siblings

1 service in 2 targets (2 together), 0 not placed.
`);
});

it("prints one JSON object", async () => {
  const { directory, head } = repository({
    ...SHOP,
    "tags/x/cart": "image_tag: v1\n",
    "l.yaml": { mode: "120000", text: "/etc/passwd" },
  });
  const { status, out } = await run(directory, "--json", "--target", "prod");
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    version: 1,
    commit: head,
    services: [
      { name: "cart", home: "apps/cart", targets: [{ name: "prod", images: [{ image: "cart", version: "1" }] }] },
    ],
    unplaced: [{ path: "tags/x/cart", line: 1 }],
    skipped: [{ path: "l.yaml", why: "a link, which is not followed" }],
  });
});

it("reads the commit that is named, and finds the repository of a folder below", async () => {
  const { directory, commit, git } = repository(SHOP);
  git("tag", "before");
  commit("main", { "apps/cart/prod/deployment.yaml": deployment("cart", "cart:9") });
  expect((await run(directory, "--at", "before")).out).toContain("cart   1 ");
  expect((await run(directory)).out).toContain("cart   9 ");
  const clone = mkdtempSync(join(tmpdir(), "services-"));
  cleanups.push(() => rmSync(clone, { recursive: true, force: true }));
  writeFileSync(join(clone, ".git"), `gitdir: ${directory}\n`);
  mkdirSync(join(clone, "apps"));
  expect((await run(join(clone, "apps"))).out).toContain("cart   9 ");
});

it("goes on without a file that a partial clone has not", async () => {
  const { directory, git } = repository({ ...SHOP, "apps/far.yaml": deployment("far", "far:1") });
  const id = git("rev-parse", "main:apps/far.yaml");
  const loose = join(directory, "objects", id.slice(0, 2), id.slice(2));
  rmSync(loose);
  const { status, out } = await run(directory);
  expect(status).toBe(0);
  expect(out).toContain("  apps/far.yaml: it is not UTF-8, or not in this clone\n");
  expect(out).toContain("prod    cart   1 ");
});

it("names targets as the configuration says, and goes on without one that is wrong", async () => {
  const config = (path: string) =>
    `version: 1\nmetrics: { m: { prometheus: { url: "https://p.example.com" } } }\ntargets:\n  - { name: main, path: ${path} }\n`;
  const right = repository({ ...SHOP, ".github/tidegate.yml": config('"apps/*/prod"') });
  expect((await run(right.directory)).out).toContain("main    cart   1 ");
  const wrong = repository({ ...SHOP, ".github/tidegate.yml": config("/etc") });
  const { status, out, said } = await run(wrong.directory);
  expect(status).toBe(0);
  expect(said).toContain(".github/tidegate.yml:4: targets[0].path must be a path inside the repository");
  expect(out).toContain("prod    cart   1 ");
});

it("tells what could not be placed, and the lines that would place it", async () => {
  const { directory } = repository({ ...SHOP, "tags/x/cart": "image_tag: v1\n", "tags/y/cart": "image_tag: v1\n" });
  const { out } = await run(directory, "--unplaced");
  expect(out).toBe(`Not placed:

  tags/x/cart:1: found an image's version; nothing that delivers or renders anything here reads the file.
  tags/y/cart:1: found an image's version; nothing that delivers or renders anything here reads the file.

In .github/tidegate.yml this would place them (names are guesses):

  targets:
    - { name: x, path: "tags/x/*" }
    - { name: y, path: "tags/y/*" }

1 service in 2 targets (2 together), 2 not placed.
`);
});

it("follows nothing out of the repository and survives every name", async () => {
  const { directory } = repository({
    ...SHOP,
    "apps/cart/prod/link.yaml": { mode: "120000", text: "../../../../etc/passwd" },
    "apps/module.yaml": { mode: "160000", text: "1".repeat(40) },
    "-rf.yaml": deployment("rf", "rf:1"),
    // Names as git itself quotes them.
    '"a\\nb.yaml"': deployment("ab", "ab:1"),
    '"esc\\033[31m.yaml"': deployment("esc", "esc:1"),
    '"bad\\377.yaml"': deployment("bad", "bad:1"),
    "latin.yaml": { mode: "100644", text: Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]) },
    "evil/deployment.yaml": deployment('"ev\\u202Eil\\e[31m"', "evil:1"),
  });
  const { status, out } = await run(directory);
  expect(status).toBe(0);
  // oxlint-disable-next-line no-control-regex -- none may reach a terminal
  expect(out).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/);
  expect(out).toContain("ev\\u{202e}il\\u{1b}[31m");
  for (const told of [
    "apps/cart/prod/link.yaml: a link, which is not followed",
    "apps/module.yaml: a submodule",
    "-rf.yaml: its name is not safe to use",
    "a\\u{a}b.yaml: its name is not safe to use",
    "latin.yaml: it is not UTF-8, or not in this clone",
    "bad\uFFFD.yaml: its name is no UTF-8",
  ])
    expect(out).toContain(`  ${told}\n`);
});

it.each<[readonly string[], number, string]>([
  [["--help"], 0, ""],
  [["--jsno"], 2, "There is no option --jsno. Did you mean --json?\n"],
  [["--at"], 2, "--at takes a value.\n"],
  [["a", "b"], 2, "More was given than is understood: b\n"],
  [["no/where/here"], 2, "There is no folder no/where/here, and it is not the owner/name of a repository.\n"],
  [["acme/nowhere"], 2, "APP_ID"],
  [["acme/nowhere", "--at", "main"], 2, "--at needs a clone.\n"],
  [["/"], 2, "git rev-parse: not a git repository"],
])("leaves with a status and a word: %j", async (args, status, words) => {
  const answer = await run(...args);
  expect(answer.status).toBe(status);
  expect(answer.said).toContain(words);
});

it.each<[readonly string[], number, string]>([
  [["--at", "nowhere"], 2, "There is no commit nowhere in "],
  [["--at", "--all"], 2, "There is no commit --all in "],
  [["--target", "prd"], 1, "There is no target prd. Did you mean prod?\n"],
])("knows what is not there: %j", async (args, status, words) => {
  const answer = await run(repository(SHOP).directory, ...args);
  expect(answer.status).toBe(status);
  expect(answer.said).toContain(words);
});

it("finds nothing in an empty repository", async () => {
  const { status, out } = await run(repository({ "README.md": "# nothing\n" }).directory);
  expect({ status, out }).toEqual({ status: 1, out: "0 services in 0 targets (0 together), 0 not placed.\n" });
});

describe("a repository on GitHub", () => {
  const kept: { world?: SandboxWorld } = {};
  const world = (): SandboxWorld => {
    if (kept.world === undefined) throw new Error("The world has not begun.");
    return kept.world;
  };
  beforeAll(async () => {
    const names = ["cart", "search"];
    kept.world = await startWorld({ services: names, pace: DEMO_PACE, faults: new Map(), seed: "services" });
    const files = { ...SHOP, "tags/x/mail": "image_tag: v1\n" };
    await kept.world.github.push({ repo: REPO, user: "ana", branch: "main", files, message: "Add what else there is" });
  });
  afterAll(() => kept.world?.close(false));

  const read = async (...args: readonly string[]) => {
    const { terminal, out, told } = fakeTerminal(world().environment);
    const status = await services(args, terminal, MACHINE_CLOCK);
    return { status, out: out(), told: told() };
  };

  it("is read through the App, at the head of its default branch", async () => {
    const { status, out, told } = await read(REPO, "--json");
    expect({ status, told }).toEqual({ status: 0, told: "" });
    const [head] = await world().github.log(REPO, "main");
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      repository: REPO,
      commit: head?.sha,
      services: [
        { name: "cart", targets: [{ name: "default" }, { name: "dev" }, { name: "prod" }] },
        {
          name: "search",
          namespace: "shop",
          home: "apps/search",
          targets: [
            {
              name: "default",
              images: [
                { set: { path: "apps/search/deployment.yaml" } },
                { set: { path: "apps/search/tidegate/stable.yaml" } },
              ],
              routes: [{ kind: "HTTPRoute", path: "apps/search/tidegate/route.yaml" }],
            },
          ],
        },
      ],
      unplaced: [{ path: "tags/x/mail", line: 1 }],
      skipped: [],
    });
  });

  it("is told as a clone is, and only looked at", async () => {
    const before = world().github.calls().length;
    const { status, out } = await read(REPO, "--target", "dev");
    expect(status).toBe(0);
    expect(out).toContain("cart     -          dev     cart   2        apps/cart/dev/deployment.yaml:10  manifests ");
    const calls = world().github.calls().slice(before);
    const asked = calls.map(({ method, route }) => `${method} ${route}`);
    expect(asked.filter((call) => !/^(?:GET|HEAD) |\/access_tokens$|\/git-upload-pack$/.test(call))).toEqual([]);
  });

  it.each([["acme/elsewhere", "No installation of the App covers acme/elsewhere."]])(
    "is not there: %s",
    async (repo, words) => {
      expect(await read(repo)).toEqual({ status: 2, out: "", told: `${words}\n` });
    },
  );
});
