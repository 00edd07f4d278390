import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { doctor } from "../../src/cli/doctor.ts";
import { DEMO_PACE, REPO, startWorld, type SandboxWorld } from "../../src/sandbox/world.ts";
import type { CountedSettings } from "../../src/ports/counted.ts";
import { DOUBLES } from "../adapters/metrics/providers/doubles.ts";
import { serve } from "../adapters/metrics/providers/served.ts";
import { fakeTerminal, MACHINE_CLOCK } from "../support/terminal.ts";

const Report = z.object({
  status: z.string(),
  findings: z.array(z.object({ id: z.string(), severity: z.string(), about: z.string(), found: z.string() })),
});

describe("tidegate doctor", () => {
  // One world, told from top to bottom: each test goes on where the one before ended.
  const kept: { world?: SandboxWorld } = {};
  const world = (): SandboxWorld => {
    if (kept.world === undefined) throw new Error("The world has not begun.");
    return kept.world;
  };
  beforeAll(async () => {
    const services = ["cart", "checkout"];
    kept.world = await startWorld({ services, pace: DEMO_PACE, faults: new Map(), seed: "doctor" });
    // No Tidegate runs here that could take a delivery.
    kept.world.github.setWebhookUrl(undefined);
  });
  afterAll(() => kept.world?.close(false));

  const run = async (args: readonly string[], environment = world().environment) => {
    const { terminal, out, told } = fakeTerminal(environment);
    const status = await doctor(args, terminal, MACHINE_CLOCK);
    return { status, out: out(), told: told() };
  };
  const errorsOf = async (...args: readonly string[]) => {
    const { status, out } = await run([...args, "--json"]);
    const { findings } = Report.parse(JSON.parse(out));
    return { status, errors: findings.filter(({ severity }) => severity === "error").map(({ id }) => id) };
  };

  it("finds no error in a world as it should be, and tells of every area", async () => {
    const { status, out, told } = await run([]);
    expect({ status, told }).toEqual({ status: 0, told: `Looking at ${REPO} (1 of 1) …\n` });
    for (const words of ["is signed in.", "acme has granted", "Mode (a)", "2 services, all understood.", "answered in"])
      expect(out).toContain(words);
  });

  it("writes nothing, neither to GitHub nor to git", async () => {
    const { github } = world();
    const before = github.calls().length;
    const head = await github.log(REPO, "main");
    await run([REPO]);
    const calls = github.calls().slice(before);
    const isAsking = /^(?:GET|HEAD) |\/access_tokens$|\/git-upload-pack$/;
    const asked = calls.map(({ method, route }) => `${method} ${route}`);
    expect(asked.filter((call) => !isAsking.test(call))).toEqual([]);
    expect(await github.log(REPO, "main")).toEqual(head);
  });

  it("finds what the rules of the default branch keep it from", async () => {
    world().github.configure(REPO, { approvals: 1, codeOwners: true, mergeQueue: true });
    await world().github.push({
      repo: REPO,
      user: "ana",
      branch: "main",
      files: { CODEOWNERS: "/apps/ @acme/web\n/apps/*/deployment.yaml\n" },
      message: "Own the apps",
    });
    expect(await errorsOf(REPO)).toEqual({ status: 1, errors: ["merge-queue", "owned-reviewed"] });
    world().github.configure(REPO, { bypass: "pullRequests" });
    expect(await errorsOf(REPO)).toEqual({ status: 0, errors: [] });
  });

  it("asks every kind of provider, and says which key or answer is wrong", async () => {
    const doubles = await Promise.all(
      Object.values(DOUBLES).map(async (double) => {
        const served = await serve(() => double.probed);
        return { served, settings: double.settings(served.url) };
      }),
    );
    const entries = doubles.map(({ settings }, index) => [`p${index}`, entryOf(settings)] as const);
    const config = {
      version: 1,
      metrics: Object.fromEntries(entries),
      targets: [{ name: "prod", metrics: "p0", observe: "assumed", delay: "1m" }],
    };
    const files = { ".github/tidegate.yml": JSON.stringify(config) };
    await world().github.push({ repo: REPO, user: "ana", branch: "main", files, message: "Measure elsewhere" });
    const METRICS_HOSTS = doubles.map(({ served }) => served.url).join(",");
    const keys = { METRICS_KEY: "key", METRICS_HOSTS };
    const { out } = await run([REPO, "--json"], { ...world().environment, ...keys });
    const { findings } = Report.parse(JSON.parse(out));
    const found = findings.flatMap(({ id, found: words }) =>
      id.startsWith("provider-") ? [`${id} ${words.slice(0, 2)}`] : [],
    );
    // The first one is asked for windows besides, in which its double tells nothing that could be read.
    expect(found).toEqual([
      "provider-silent p0",
      ...doubles.slice(1, -1).map((_, index) => `provider-answers p${index + 1}`),
      `provider-refused p${doubles.length - 1}`,
    ]);
    expect(findings.find(({ id }) => id === "provider-refused")?.found).toContain("no variable METRICS_ABSENT");
    await Promise.all(doubles.map(({ served }) => served.close()));
  });

  it("finds what cannot be understood, with its line", async () => {
    await world().github.push({
      repo: REPO,
      user: "ana",
      branch: "main",
      files: {
        ".github/tidegate.yml": "version: 1\nmetrics: {}\nwave: []\n",
        ".tidegate/services/cart.yaml": "version: 1\n",
      },
      message: "Break it",
    });
    const { status, out } = await run([REPO]);
    expect(status).toBe(1);
    expect(out).toContain("            .github/tidegate.yml:3\n            [config-refused]");
    expect(out).toContain("            .tidegate/services/cart.yaml:1\n            [service-refused]");
  });

  it("finds webhooks that nobody takes", async () => {
    const { github } = world();
    github.setWebhookUrl("http://127.0.0.1:9/api/github/webhooks");
    await github.push({ repo: REPO, user: "ana", branch: "other", files: { "a.txt": "a\n" }, message: "Add a" });
    await github.settled();
    expect((await errorsOf("globex/gitops")).errors).toEqual(["deliveries-fail", "no-installation"]);
    github.setWebhookUrl(undefined);
  });

  it("finds a repository that is not covered", async () => {
    expect(await errorsOf("globex/gitops")).toEqual({ status: 1, errors: ["no-installation"] });
  });

  it("finds a key that is not the App's", async () => {
    const { environment } = world();
    const { status, out } = await run([], { ...environment, APP_ID: "99" });
    expect(status).toBe(1);
    expect(out).toContain("[app-refused]");
  });

  it.each([
    [["--jsn"], 2, "There is no option --jsn. Did you mean --json?"],
    [["gitops"], 2, "gitops is not the owner/name of a repository."],
    [["a/b", "c"], 2, "More was given than is understood: c"],
  ])("takes no wrong words: %j", async (args, status, words) => {
    const found = await run(args);
    expect(found).toMatchObject({ status, out: "" });
    expect(found.told).toContain(words);
  });

  it("says that it could not look without settings or network", async () => {
    const without = await run([], {});
    expect(without.status).toBe(3);
    expect(without.told).toContain("APP_ID: is not set");
    const cut = await run([], { ...world().environment, GITHUB_API_URL: "http://127.0.0.1:9" });
    expect(cut.status).toBe(3);
    expect(cut.told).toContain("GitHub cannot be reached at http://127.0.0.1:9");
  });

  it("helps", async () => {
    const { status, out } = await run(["--help"], {});
    expect(status).toBe(0);
    expect(out).toContain("Usage: tidegate doctor");
    expect(out.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });
});

/** A provider as it is written in configuration; the key of the web provider, the last, is one that nobody has. */
function entryOf({ by, url, secrets, options, counts }: CountedSettings): object {
  const isWeb = by === "web";
  return {
    [by]: {
      url,
      ...options,
      ...(isWeb ? { headers: { tenant: { env: "METRICS_ABSENT" } } } : {}),
      secrets: Object.fromEntries(Object.keys(secrets).map((key) => [key, { env: "METRICS_KEY" }])),
      counts,
    },
  };
}
