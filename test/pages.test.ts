import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { config } from "../src/cli/config.ts";
import { services } from "../src/cli/services.ts";
import { parseState } from "../src/config/state-file.ts";
import { name } from "../src/core/names.ts";
import { trespassesOf } from "../src/core/ownership.ts";
import { readMember } from "../src/manifest/member.ts";
import { valueOf } from "./manifest/builders.ts";
import { realGit } from "./support/git.ts";
import { filesIn, yamlIn } from "./support/page-yaml.ts";
import { fakeTerminal, MACHINE_CLOCK } from "./support/terminal.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

describe("the pages", () => {
  it.each(PAGES)("%s leads to no page that is not there", (page) => {
    const text = textOf(page);
    const lost = linksIn(text).filter((link) => !leads(page, link));
    expect(lost).toEqual([]);
  });

  it("are all found from the index", () => {
    const index = new Set(linksIn(textOf("docs/README.md")).map((link) => `docs/${link.replace(/#.*/, "")}`));
    const missing = PAGES.filter((page) => page.startsWith("docs/") && page !== "docs/README.md" && !index.has(page));
    expect(missing).toEqual([]);
  });
});

describe("the first service", () => {
  const folder = mkdtempSync(join(tmpdir(), "first-service-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is understood as the page has it, file by file", async () => {
    const files = filesIn("docs/first-service.md");
    expect([...files.keys()].toSorted()).toEqual([
      ".github/tidegate.yml",
      ".tidegate/services/checkout.yaml",
      "apps/checkout/deployment.yaml",
      "apps/checkout/services.yaml",
      "apps/checkout/tidegate/route.yaml",
      "apps/checkout/tidegate/stable.yaml",
    ]);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    await realGit(folder, "init", "-q");
    const { terminal, out } = fakeTerminal({ METRICS_HOSTS: "prometheus.example.com" });
    expect(await config(["check", folder], terminal)).toBe(0);
    expect(out()).toBe(".github/tidegate.yml: nothing to remark.\n");
    expect(await config(["explain", "checkout/prod", "--in", folder], terminal)).toBe(0);
    expect(out()).toMatch(/steps\b.*5%, 25%, 50%/);
  });

  it.each([
    ["docs/first-repository-argo-cd.md", "Argo CD"],
    ["docs/first-repository-flux.md", "Flux"],
  ])("is found where %s delivers it", async (page, tool) => {
    writeFileSync(join(folder, "delivery.yaml"), yamlIn(page)[0] ?? "");
    await realGit(folder, "add", "--all");
    await realGit(folder, "commit", "-q", "-m", "Deliver checkout");
    const { terminal, out } = fakeTerminal({});
    expect(await services([folder], terminal, MACHINE_CLOCK)).toBe(0);
    expect(out()).toContain(`${tool} delivery.yaml, named by configuration`);
  });
});

describe("a service of Knative's", () => {
  const folder = mkdtempSync(join(tmpdir(), "knative-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is understood as the page has it, file by file, and rests", async () => {
    const files = new Map([...filesIn("docs/knative.md")].filter(([path]) => path !== ""));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    await realGit(folder, "init", "-q");
    const { terminal, out } = fakeTerminal({ METRICS_HOSTS: "prometheus.example.com" });
    expect(await config(["check", folder], terminal)).toBe(0);
    expect(out()).toBe(".github/tidegate.yml: nothing to remark.\n");
    expect(await config(["explain", "checkout/prod", "--in", folder], terminal)).toBe(0);
    expect(out()).toMatch(/steps\b.*5%, 25%, 50%/);
    const path = ".tidegate/services/checkout.yaml";
    const state = valueOf(parseState({ path, text: files.get(path) ?? "" }));
    const at = state.targets.get(name("prod"));
    const member = at && valueOf(readMember(files, at, state.service));
    expect(member).toMatchObject({
      weight: 0,
      canary: { deployment: "checkout-canary" },
      stable: { deployment: "checkout" },
    });
    expect(member?.canary.template).toBe(member?.stable.template);
    expect(at && member && trespassesOf(state, at, member)).toEqual([]);
  });
});

function textOf(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

/** The addresses of a page's links, those outside of the repository left out. */
function linksIn(text: string): readonly string[] {
  const prose = text.replaceAll(/```[^]*?```/g, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]*?(?:\.md(?:#[^)\s]+)?|#[^)\s]+))\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leads(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsIn(textOf(target)).has(anchor);
}

/** GitHub's anchors of a page's headings. */
function anchorsIn(text: string): ReadonlySet<string> {
  const headings = [...text.replaceAll(/```[^]*?```/g, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
