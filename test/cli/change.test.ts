import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { change } from "../../src/cli/change.ts";
import { deployment, kustomization } from "../manifest/services/repo.ts";
import { bareRemote, type FileAt } from "../support/remote.ts";
import { fakeTerminal } from "../support/terminal.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const PROD = "apps/cart/prod/deployment.yaml";
const SHOP = { "apps/cart/dev/deployment.yaml": deployment("cart", "cart:1"), [PROD]: deployment("cart", "cart:1") };

function repository(...commits: readonly Readonly<Record<string, FileAt | undefined>>[]) {
  const remote = bareRemote();
  cleanups.push(remote.remove);
  for (const files of [SHOP, ...commits]) remote.commit("main", files);
  return remote;
}

async function run(...args: readonly string[]) {
  const { terminal, out, told } = fakeTerminal({});
  const status = await change(args, terminal);
  return { status, out: out(), told: told() };
}

/** What the JSON document says, without the commits. */
async function read(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { status, out, told } = await run("--json", ...args);
  expect({ status, told }).toEqual({ status: 0, told: "" });
  const document: unknown = JSON.parse(out);
  return typeof document === "object" && document !== null ? { ...document } : {};
}

it("tells people what the last commit is", async () => {
  const { directory, git } = repository({
    [PROD]: deployment("cart", "cart:2", "          tty: true\n"),
    "a\u001b[2J.yaml": "a: 1\n",
  });
  const { status, out, told } = await run(directory);
  expect({ status, told }).toEqual({ status: 0, told: "" });
  const [from, to] = [git("rev-parse", "HEAD^"), git("rev-parse", "HEAD")].map((id) => id.slice(0, 10));
  expect(out).toBe(`${from}..${to}: what HEAD changed of its first parent

Bumps with other changes: 1 service in 1 target; 2 other changes.

SERVICE  TARGET  IMAGE  FROM  TO  SET IN
cart     prod    cart   1     2   apps/cart/prod/deployment.yaml:10

Other changes:

  a\\u{1b}[2J.yaml:1: not read: its name is not safe to use
  apps/cart/prod/deployment.yaml:11: Deployment cart spec.template.spec.containers[0].tty
`);
});

it("tells what changed in a state file in one line, and each value in JSON", async () => {
  const path = ".tidegate/services/cart.yaml";
  const { directory } = repository({ [path]: "version: 1\nheard: 0\n" }, { [path]: "version: 2\nheard: 7\n" });
  const { out } = await run(directory);
  expect(out).toContain(`  ${path}:1: Tidegate's state, 2 values\n`);
  expect(await read(directory)).toMatchObject({ besides: [{ path }, { path }] });
});

it("prints one JSON object", async () => {
  const { directory, git } = repository({ [PROD]: deployment("cart", "cart:2") });
  expect(await read(directory)).toEqual({
    version: 1,
    repository: directory,
    from: git("rev-parse", "HEAD^"),
    to: git("rev-parse", "HEAD"),
    kind: "bump",
    bumps: [
      {
        service: "cart",
        home: "apps/cart",
        target: "prod",
        image: "cart",
        imageFrom: "cart",
        from: "1",
        to: "2",
        set: { path: PROD, line: 10 },
        effect: "runs",
      },
    ],
    loose: [],
    besides: [],
  });
});

it("says what no text shows", async () => {
  const { directory } = repository({
    "link.yaml": { mode: "120000", text: "/etc/passwd" },
    module: { mode: "160000", text: "1".repeat(40) },
    "latin.yaml": { mode: "100644", text: Buffer.from([0xe9, 0x0a]) },
    "large.yaml": "#".repeat(1_048_577),
    [PROD]: { mode: "100755", text: SHOP[PROD] },
  });
  const { kind, besides } = await read(directory);
  expect({ kind, besides }).toEqual({
    kind: "none",
    besides: [
      { kind: "mode", path: PROD, line: 1, what: "100644 → 100755" },
      { kind: "unread", path: "large.yaml", line: 1, what: "1048577 bytes; files of more than 1048576 are not read" },
      { kind: "unread", path: "latin.yaml", line: 1, what: "it is not UTF-8" },
      { kind: "unread", path: "link.yaml", line: 1, what: "a link, which is not followed" },
      { kind: "unread", path: "module", line: 1, what: "a submodule" },
    ],
  });
});

it("sees a bump behind more files than GitHub lists", async () => {
  const many = Object.fromEntries(Array.from({ length: 3_100 }, (_, at) => [`notes/${at}.txt`, "a\n"]));
  const { directory } = repository({ ...many, [PROD]: deployment("cart", "cart:2") });
  const { kind, bumps, besides } = await read(directory);
  expect([kind, bumps, besides]).toMatchObject([
    "mixed",
    [{ service: "cart", target: "prod", to: "2" }],
    { length: 3_100 },
  ]);
});

describe("of two ends", () => {
  /** `main` has gone on since `bump` left it; `tagged` is where they parted. */
  function forked() {
    const remote = repository();
    remote.git("branch", "bump", "main");
    remote.git("tag", "tagged", "main");
    remote.commit("bump", { [PROD]: deployment("cart", "cart:2") });
    remote.commit("main", { "apps/cart/dev/deployment.yaml": deployment("cart", "cart:3") });
    return remote;
  }

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ["nothing", [], ["dev 1 → 3"]],
    ["a branch", ["bump"], ["prod 1 → 2"]],
    ["the default branch, which HEAD is", ["main"], []],
    ["a commit", ["tagged"], ["dev 1 → 3"]],
    ["a branch and another", ["main", "bump"], ["prod 1 → 2"]],
    ["a commit and a branch", ["tagged", "bump"], ["prod 1 → 2"]],
    ["two as they are", ["main..bump"], ["dev 3 → 1", "prod 1 → 2"]],
    ["two from where they parted", ["main...bump"], ["prod 1 → 2"]],
    ["one as it is", ["bump.."], ["dev 1 → 3", "prod 2 → 1"]],
  ])("%s", async (_, words, moves) => {
    const { directory } = forked();
    const { bumps } = await read(directory, ...words);
    const told = Array.isArray(bumps) ? bumps.map(({ target, from, to }) => `${target} ${from} → ${to}`) : [];
    expect(told).toEqual(moves);
  });

  it("a branch that only the remote has", async () => {
    const remote = forked();
    const clone = join(remote.root, "clone");
    remote.git("clone", "--quiet", remote.url, clone);
    const { bumps } = await read(clone, "bump");
    expect(bumps).toMatchObject([{ target: "prod", from: "1", to: "2" }]);
  });
});

it("tells of a version that is copied into an image from elsewhere", async () => {
  const literal = (version: string) =>
    kustomization(
      ["deployment.yaml"],
      `configMapGenerator:\n  - name: versions\n    literals: [LEVEL=${version}, release=${version}]\ncomponents: [../../versions]\n`,
    );
  const files = {
    "apps/mail/deployment.yaml": deployment("mail", "acme/mail:0"),
    "apps/mail/kustomization.yaml": literal("1"),
    "versions/kustomization.yaml": `kind: Component
replacements:
  - source: { kind: ConfigMap, name: versions, fieldPath: data.release }
    targets:
      - select: { kind: Deployment }
        fieldPaths: ["spec.template.spec.containers.[name=app].image"]
        options: { delimiter: ":", index: 1 }
`,
  };
  const bumped = literal("1").replace("release=1", "release=2");
  const { directory } = repository(files, { "apps/mail/kustomization.yaml": bumped });
  const set = { path: "apps/mail/kustomization.yaml", line: 7 };
  expect(await read(directory)).toMatchObject({
    kind: "bump",
    bumps: [{ service: "mail", image: "acme/mail", from: "1", to: "2", set, effect: "runs" }],
    loose: [],
    besides: [],
  });
  const level = repository(files, { "apps/mail/kustomization.yaml": literal("1").replace("LEVEL=1", "LEVEL=2") });
  expect(await read(level.directory)).toMatchObject({ kind: "none", bumps: [], loose: [] });
});

it("tells of variables of a compose file at the root", async () => {
  const files = { "compose.yaml": "services:\n  web:\n    image: acme/web:${RELEASE}\n", ".env": "RELEASE=1.2.3\n" };
  const { directory } = repository(files, { ".env": "RELEASE=1.2.4\n" });
  const moved = { service: "web", from: "1.2.3", to: "1.2.4", set: { path: ".env", line: 1 }, effect: "runs" };
  expect(await read(directory)).toMatchObject({ kind: "bump", bumps: [moved], loose: [], besides: [] });
});

it.each<readonly [string, readonly string[], number, string]>([
  ["a name of nothing", ["nowhere"], 1, "There is no commit nowhere here."],
  ["an option as a name", ["--output=x"], 2, "There is no option --output"],
  ["three ends", ["a", "b", "c"], 2, "a is no folder, and a change has two ends."],
])("says what is wrong: %s", async (_, words, status, why) => {
  const { directory } = repository();
  const found = await run(...(status === 1 ? [directory] : []), ...words);
  expect(found).toMatchObject({ status, out: "" });
  expect(found.told).toContain(why);
});

it("cannot tell of a first commit, nor outside of a repository", async () => {
  const remote = bareRemote();
  const empty = mkdtempSync(join(tmpdir(), "empty-"));
  cleanups.push(remote.remove, () => rmSync(empty, { recursive: true }));
  const [first, outside] = [await run(remote.directory), await run(empty)];
  expect([first.status, outside.status]).toEqual([1, 1]);
  expect(first.told).toContain("HEAD has no parent here");
  expect(outside.told).toContain("not a git repository");
});

it("helps", async () => {
  const { status, out } = await run("--help");
  expect([status, out.split("\n")[0]]).toEqual([0, expect.stringContaining("Says what a change")]);
});
