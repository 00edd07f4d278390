import { describe, expect, it } from "vitest";
import { read, unavailable } from "../../src/core/reading.ts";
import { EVENTS } from "../../src/doctor/asked.ts";
import { CATALOGUE } from "../../src/doctor/catalogue.ts";
import { diagnoseApp, diagnoseRepository } from "../../src/doctor/diagnose.ts";
import { worst, type Finding } from "../../src/doctor/finding.ts";
import type { AppReport, ProviderReport, RepositoryReport, ServicesReport } from "../../src/doctor/report.ts";
import type { Restriction } from "../../src/ports/checkup.ts";
import {
  appFacts,
  appReport,
  APP_ID,
  delivery,
  down,
  hook,
  installation,
  NOON,
  repositoryReport,
  rules,
  settings,
  tree,
  without,
} from "./reports.ts";

/** What is not fine, by id and what was found. */
function faults(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity !== "ok").map(({ id, found }) => `${id}: ${found}`);
}

type Row<Changes> = readonly [what: string, changes: Changes, ...found: readonly string[]];

/** Rows with what is found as one list. */
function rows<Changes>(written: readonly Row<Changes>[]) {
  return written.map(([what, changes, ...found]) => [what, changes, found] as const);
}

describe("the App and this machine", () => {
  it("are fine where everything is as it should be", () => {
    const findings = diagnoseApp(appReport(), NOON);
    expect(worst(findings)).toBe("ok");
    expect(findings.map(({ id, found }) => `${id}: ${found}`)).toEqual([
      `app-signed-in: tidegate (App ${APP_ID}) is signed in.`,
      "permissions-asked: Contents: write, Pull requests: write, Issues: write, Checks: write, Metadata: read.",
      "events-subscribed: Subscribed to push, pull_request, pull_request_review, issue_comment, delete, repository.",
      "webhook-configured: Webhooks go to tidegate.example.com, as JSON, signed.",
      "deliveries-arrive: 2 deliveries, none failed; the last was taken 3 min ago.",
      "charts-shown: Charts are at tidegate.example.com/charts/.",
      "clock-agrees: The clock is within two seconds of GitHub's.",
      "git-found: git 2.39.5.",
    ]);
  });

  it.each(
    rows<Partial<AppReport>>([
      [
        "a permission that is too low or not there",
        { app: read(appFacts({ permissions: { ...without("checks"), contents: "read" } })) },
        "permission-missing: The App asks for Contents: read; write is needed.",
        "permission-missing: The App asks for Checks: no access; write is needed.",
      ],
      [
        "a check that cannot be pinned",
        { app: read(appFacts({ permissions: without("statuses") })) },
        "statuses-missing: The App asks for Commit statuses: no access; write is needed.",
      ],
      [
        "a power that nobody needs",
        { app: read(appFacts({ permissions: { ...without(), administration: "write", members: "read" } })) },
        "permission-unneeded: The App asks for administration: write.",
      ],
      [
        "an event",
        { app: read(appFacts({ events: EVENTS.filter((event) => event !== "issue_comment") })) },
        "event-missing: The App does not subscribe to issue_comment.",
      ],
      [
        "a key that GitHub does not take",
        { app: unavailable("GET /app: 401 Bad credentials") },
        "app-refused: GET /app: 401 Bad credentials",
      ],
      ["no webhook", { hook: read(undefined) }, "webhook-absent: The App has no webhook."],
      ["a webhook that was not seen", { hook: down }, "not-looked-at: Not looked at: GET /somewhere: 502 Bad Gateway"],
      [
        "a webhook that is all wrong",
        {
          hook: read(
            hook({
              url: "http://tidegate.example.com/hooks",
              contentType: "form",
              hasSecret: false,
              checksCertificates: false,
            }),
          ),
          deliveries: read([]),
        },
        "webhook-unsigned: No secret is set; it goes to tidegate.example.com.",
        "webhook-form: The content type is form.",
        "webhook-path: Webhooks go to tidegate.example.com/hooks.",
        "webhook-plain: Webhooks go to http://tidegate.example.com.",
        "webhook-certificates: GitHub does not check the certificate of tidegate.example.com.",
      ],
      [
        "an address that is none",
        { hook: read(hook({ url: "tidegate" })) },
        "webhook-path: Webhooks go to an address that is none.",
      ],
      [
        "deliveries that failed and come again",
        {
          deliveries: read([
            delivery(1),
            delivery(2, { status: 502 }),
            delivery(3, { status: 502 }),
            delivery(4, { status: 0 }),
          ]),
        },
        "deliveries-some-failed: 3 of 4 deliveries failed (502 × 2, no answer); the last was taken 1 min ago.",
      ],
      [
        "deliveries that fail still",
        { deliveries: read([delivery(1, { status: 401 }), delivery(150)]) },
        "deliveries-fail: 1 of 2 deliveries failed (401); the last was taken 2.5 h ago.",
      ],
      [
        "deliveries that were never taken",
        { deliveries: read([delivery(1, { status: 404 })]) },
        "deliveries-fail: 1 of 1 deliveries failed (404); none was taken.",
      ],
      [
        "deliveries that are held back",
        { deliveries: read([delivery(1, { throttled: true }), delivery(2)]) },
        "deliveries-throttled: 1 of 2 deliveries were held back.",
      ],
      ["a clock two seconds ahead", { skew: read(2_000) }, "clock-drifts: The clock is 2 s ahead of GitHub's."],
      ["a clock half a minute behind", { skew: read(-30_000) }, "clock-wrong: The clock is 30 s behind GitHub's."],
      [
        "a clock that could not be compared",
        { skew: down },
        "not-looked-at: Not looked at: GET /somewhere: 502 Bad Gateway",
      ],
      ["a git of before", { git: read("2.37.9") }, "git-old: git 2.37.9."],
      ["a git of long before", { git: read("1.99") }, "git-old: git 1.99."],
      [
        "no git",
        { git: unavailable("git --version: spawn git ENOENT") },
        "git-absent: git --version: spawn git ENOENT",
      ],
    ]),
  )("tell of %s", (_, changes, found) => {
    expect(faults(diagnoseApp(appReport(changes), NOON))).toEqual(found);
  });

  it.each([-1_999, 1_999])("take a clock that is %i ms off for right", (skew) => {
    expect(faults(diagnoseApp(appReport({ skew: read(skew) }), NOON))).toEqual([]);
  });

  it.each(["2.38", "2.38.0", "3.0", "10.1.2"])("take git %s", (git) => {
    expect(faults(diagnoseApp(appReport({ git: read(git) }), NOON))).toEqual([]);
  });

  it("take a webhook to this machine over http", () => {
    const url = "http://127.0.0.1:3000/api/github/webhooks";
    expect(faults(diagnoseApp(appReport({ hook: read(hook({ url })) }), NOON))).toEqual([]);
  });
});

describe("the address of charts", () => {
  const found = (publicUrl: string | undefined, changes: Partial<AppReport> = {}) =>
    diagnoseApp(appReport({ publicUrl, ...changes }), NOON)
      .filter(({ area }) => area === "Charts")
      .map((one) => `${one.id}: ${one.found}`);
  const hookAt = (url: string): Partial<AppReport> => ({ hook: read(hook({ url })) });
  const OWN: Partial<AppReport> = { app: read(appFacts({ settings: "https://github.acme.example/settings" })) };

  it.each<readonly [string, string | undefined, Partial<AppReport>, readonly string[]]>([
    ["none", undefined, {}, ["charts-off"]],
    ["https", "https://tidegate.example.com", {}, ["charts-shown"]],
    [
      "a folder that the webhook shares",
      "https://a.dev/tide",
      hookAt("https://a.dev/tide/api/github/webhooks"),
      ["charts-shown"],
    ],
    ["another host than the webhook's", "https://charts.acme.dev/t", {}, ["charts-shown"]],
    ["no webhook to compare with", "https://tidegate.example.com/t", { hook: read(undefined) }, ["charts-shown"]],
    ["http", "http://tidegate.example.com", {}, ["public-url-plain"]],
    ["this machine", "http://localhost:3000", {}, ["public-url-inside"]],
    ["this machine, for a GitHub of one's own", "http://127.0.0.1:3000", OWN, ["public-url-inside"]],
    ["a private address", "https://10.1.2.3", {}, ["public-url-inside"]],
    ["a private address of IPv6", "https://[fd12::1]", {}, ["public-url-inside"]],
    ["a bare name", "https://tidegate:3000", {}, ["public-url-inside"]],
    ["a name of a cluster", "http://tidegate.tools.svc", {}, ["public-url-plain", "public-url-inside"]],
    ["a private address, for a GitHub of one's own", "https://10.1.2.3", OWN, ["charts-shown"]],
    ["a public address", "https://203.0.113.9", {}, ["charts-shown"]],
    ["the webhook's path", "https://tidegate.example.com/api/github/webhooks", {}, ["public-url-path"]],
    ["the folder of charts", "https://charts.acme.dev/charts", {}, ["public-url-path"]],
    [
      "no folder, where the webhook has one",
      "https://a.dev",
      hookAt("https://a.dev/tide/api/github/webhooks"),
      ["public-url-path"],
    ],
    ["a folder, where the webhook has none", "https://tidegate.example.com/tide", {}, ["public-url-path"]],
  ])("is looked at: %s", (_, publicUrl, changes, ids) => {
    expect(found(publicUrl, changes).map((one) => one.split(":")[0])).toEqual(ids);
  });

  it("is told with where charts would be asked for", () => {
    expect(found("https://tidegate.example.com/tide")).toEqual([
      "public-url-path: PUBLIC_URL is tidegate.example.com/tide, so charts would be asked for at /tide/charts/; webhooks reach this Tidegate at tidegate.example.com/api/github/webhooks.",
    ]);
  });
});

const RULESET = { ruleset: "all branches", page: "https://github.com/acme/gitops/rules/7", bypass: "never" } as const;
const restricted = (...names: readonly string[]): readonly Restriction[] => names.map((rule) => ({ ...RULESET, rule }));
const RELIED: ServicesReport["relied"] = { unfit: [], unfollowed: [], doubtful: [] };
const services = (changes: Partial<ServicesReport> = {}) =>
  read({ count: 12, refusals: [], reviewed: [], relied: RELIED, ...changes });
const reviewed = (kind: "owned" | "claimed", path: string) => ({
  kind,
  path,
  owners: ["@acme/web"],
  file: "CODEOWNERS",
});
const asked = (answer: ProviderReport["answer"]) => read(tree({ providers: [{ name: "prod", answer }] }));
const BOTH = ["cart", "search"] as const;
const APART = { requests: ["cart"], pods: ["search"] } as const;
const samples = { asked: BOTH, needing: { requests: BOTH, pods: BOTH }, requests: ["cart"], pods: ["cart", "search"] };
const answers = { kind: "answers", host: "prometheus.example.com", ms: 12, samples } as const;
const REVIEWED = { codeOwners: true, approvals: 1 };

describe("a repository", () => {
  it("is fine where everything is as it should be", () => {
    const findings = diagnoseRepository(repositoryReport({ tree: asked(answers) }));
    expect(worst(findings)).toBe("ok");
    expect(findings.map(({ id, found }) => `${id}: ${found}`)).toEqual([
      "installation-granted: acme has granted what the App asks for.",
      "merge-methods: Ways of merging: squash, merge, rebase.",
      "branches-deleted: Branches of merged pull requests are deleted by GitHub.",
      "rules-unreviewed: Mode (a): no approval is required.",
      "check-optional: tidegate/plan is not required.",
      "check-optional: tidegate/gate is not required.",
      "branches-free: No rule stops pushes to tidegate/**.",
      "mirror-read: The default branch main was fetched.",
      "config-read: .github/tidegate.yml is understood.",
      "services-read: 12 services, all understood.",
      "provider-answers: prod (prometheus.example.com) answered in 12 ms.",
      "samples-fresh: prod has fresh samples of cart.",
    ]);
  });

  it("is fine without requests where none needs them", () => {
    const needing = { requests: [], pods: BOTH };
    const findings = diagnoseRepository(
      repositoryReport({ tree: asked({ ...answers, samples: { ...samples, requests: [], needing } }) }),
    );
    expect(findings.at(-1)?.found).toBe("prod has fresh samples of cart, search.");
    expect(worst(findings)).toBe("ok");
  });

  it.each(
    rows<Partial<RepositoryReport>>([
      [
        "that no installation covers",
        { installation: read(undefined) },
        "no-installation: No installation of the App covers acme/gitops.",
      ],
      [
        "of which no installation is known",
        { installation: down },
        "not-looked-at: Not looked at: GET /somewhere: 502 Bad Gateway",
      ],
      [
        "whose installation is suspended",
        { installation: read(installation({ suspended: true })) },
        "installation-suspended: The installation on acme is suspended.",
      ],
      [
        "whose account has not accepted",
        {
          installation: read(
            installation({
              permissions: without("statuses"),
              events: EVENTS.filter((event) => event !== "issue_comment"),
            }),
          ),
        },
        "permission-not-accepted: acme grants Commit statuses: no access; the App asks for write.",
        "event-not-accepted: The installation on acme does not send issue_comment.",
      ],
      [
        "whose base cannot be read",
        {
          tree: read(
            tree({
              config: { kind: "unextended", why: ".github/tidegate.yml: it extends acme/base, which cannot be read" },
            }),
          ),
        },
        "config-unextended: it extends acme/base, which cannot be read",
      ],
      [
        "that asks for less than is enforced",
        {
          tree: read(
            tree({
              config: {
                kind: "read",
                teams: [],
                reports: [],
                loosened: [".github/tidegate.yml:4: bake is 1m, and that is less."],
              },
            }),
          ),
        },
        "config-loosened: bake is 1m, and that is less.",
      ],
      [
        "whose teams the App cannot see",
        { tree: read(tree({ config: { kind: "read", teams: ["acme/payments"], reports: [], loosened: [] } })) },
        "members-missing: Configuration names acme/payments.",
      ],
      [
        "whose deliverers' reports the App may not read",
        {
          app: read(appFacts({ permissions: without("statuses") })),
          tree: read(tree({ config: { kind: "read", teams: [], reports: ["status", "deployment"], loosened: [] } })),
        },
        "reports-unreadable: The App asks for Commit statuses: no access; read is needed.",
        "reports-unreadable: The App asks for Deployments: no access; read is needed.",
      ],
      [
        "whose deliverers' reports it may read",
        { tree: read(tree({ config: { kind: "read", teams: [], reports: ["status"], loosened: [] } })) },
      ],
      [
        "that is archived",
        { settings: read(settings({ archived: true })) },
        "repository-archived: acme/gitops is archived.",
      ],
      [
        "that git does not reach",
        { tree: unavailable("git clone: no answer") },
        "mirror-unreachable: git clone: no answer",
      ],
      [
        "whose rules were not seen",
        { rules: down, restrictions: down, classic: down },
        ...Array.from({ length: 3 }, () => "not-looked-at: Not looked at: GET /somewhere: 502 Bad Gateway"),
      ],
      [
        "where people approve",
        { rules: read(rules({ approvals: 2 })) },
        "rules-advisory: Mode (c): 2 approvals are required, and the App is not on the bypass list.",
      ],
      [
        "where nobody says who may pass the rules by",
        { rules: read(rules({ approvals: 1, bypass: "unknown" })) },
        "rules-unclear: 1 approval is required.",
      ],
      [
        "with a merge queue",
        { rules: read(rules({ mergeQueue: true })) },
        "merge-queue: The default branch requires a merge queue.",
      ],
      [
        "with a check of any source",
        { rules: read(rules({ checks: [{ name: "tidegate/gate", appId: undefined }] })) },
        "check-unpinned: tidegate/gate is required of any source.",
      ],
      [
        "with a check of another App",
        { rules: read(rules({ checks: [{ name: "tidegate/plan", appId: 15_368 }] })) },
        "check-pinned-elsewhere: tidegate/plan is required of App 15368, this is App 4242.",
      ],
      [
        "with checks of others",
        {
          rules: read(
            rules({
              checks: [
                { name: "ci/build", appId: 1 },
                { name: "ci/lint", appId: undefined },
                { name: "ci/build", appId: 1 },
              ],
            }),
          ),
        },
        "other-checks: Required as well: ci/build, ci/lint.",
      ],
      [
        "with a linear history and merge commits alone",
        {
          rules: read(rules({ linear: true })),
          settings: read(settings({ methods: { squash: false, merge: true, rebase: false } })),
        },
        "linear-history: Linear history is required. Ways of merging: merge.",
      ],
      [
        "with signatures and rebasing alone",
        {
          rules: read(rules({ signatures: true })),
          settings: read(settings({ methods: { squash: false, merge: false, rebase: true } })),
        },
        "signatures-lost: Signatures are required. Ways of merging: rebase.",
      ],
      [
        "with signatures and merge commits alone",
        {
          rules: read(rules({ signatures: true })),
          settings: read(settings({ methods: { squash: false, merge: true, rebase: false } })),
        },
        "signatures-of-steps: Signatures are required. Ways of merging: merge.",
      ],
      [
        "whose rules hold for every branch",
        {
          restrictions: read([
            ...restricted("creation", "non_fast_forward", "required_linear_history"),
            ...restricted("commit_message_pattern"),
          ]),
        },
        "branches-locked: The ruleset all branches forbids on tidegate/**: creation, force pushes.",
        "branches-patterned: The ruleset all branches holds tidegate/** to commit_message_pattern.",
      ],
      [
        "whose bypass is for pull requests, which a push is none",
        { restrictions: read([{ ...RULESET, rule: "update", bypass: "pullRequests" }]) },
        "branches-locked: The ruleset all branches forbids on tidegate/**: updates.",
      ],
      [
        "with protection of the older kind",
        { classic: read(true) },
        "classic-protection: The default branch has classic branch protection.",
      ],
      [
        "without configuration",
        {
          tree: read(
            tree({
              config: { kind: "absent" },
              services: services({
                refusals: [{ service: "cart", problems: [".github/tidegate.yml: there is no such file"] }],
              }),
            }),
          ),
        },
        "config-absent: There is no .github/tidegate.yml on main.",
      ],
      [
        "with configuration that is not understood",
        {
          tree: read(tree({ config: { kind: "refused", problems: [".github/tidegate.yml:3: metrics is missing."] } })),
        },
        "config-refused: metrics is missing.",
      ],
      [
        "with services that are not understood",
        {
          tree: read(
            tree({
              services: services({
                refusals: [
                  {
                    service: "cart",
                    problems: [".tidegate/services/cart.yaml:4: weight is missing.", "no wave covers it"],
                  },
                  { service: "search", problems: ["apps/search/route.yaml:9: found two."] },
                ],
              }),
            }),
          ),
        },
        "service-refused: cart: weight is missing.",
        "service-refused: cart: no wave covers it",
        "service-refused: search: found two.",
      ],
      [
        "without services",
        { tree: read(tree({ services: services({ count: 0 }) })) },
        "services-absent: There is no state file.",
      ],
      [
        "whose services were not seen",
        { tree: read(tree({ services: down })) },
        "not-looked-at: Not looked at: GET /somewhere: 502 Bad Gateway",
      ],
      [
        "whose services rely on what is not so",
        {
          tree: read(
            tree({
              services: services({
                relied: {
                  unfit: [{ service: "cart", problem: "apps/cart/rule.yaml:7: no subset canary of cart" }],
                  unfollowed: [{ path: "clusters/prod.yaml", line: 3, what: "the Kustomization apps is suspended" }],
                  doubtful: Array.from({ length: 21 }, () => ({
                    path: "hpa.yaml",
                    line: 1,
                    what: "scales cart-canary",
                  })),
                },
              }),
            }),
          ),
        },
        "service-unfit: cart: no subset canary of cart",
        "service-unfollowed: the Kustomization apps is suspended",
        ...Array.from({ length: 20 }, () => "service-doubtful: scales cart-canary"),
      ],
      [
        "whose owned files have code owners",
        {
          rules: read(rules({ codeOwners: true })),
          tree: read(
            tree({
              services: services({
                reviewed: [
                  ...["a", "b", "c", "d"].map((path) => reviewed("owned", path)),
                  reviewed("claimed", "apps/cart/deployment.yaml"),
                ],
              }),
            }),
          ),
        },
        "owned-reviewed: Code owners of a (@acme/web), b (@acme/web), c (@acme/web), 1 more.",
        "claimed-reviewed: Code owners of apps/cart/deployment.yaml (@acme/web).",
      ],
      [
        "whose provider may not be asked",
        {
          tree: asked({
            kind: "refused",
            problem: ".github/tidegate.yml: the environment of this Tidegate has no variable METRICS_TOKEN",
          }),
        },
        "provider-refused: prod: the environment of this Tidegate has no variable METRICS_TOKEN",
      ],
      [
        "whose provider does not answer",
        { tree: asked({ kind: "silent", host: "prometheus.example.com", reason: "Prometheus refuses connections." }) },
        "provider-silent: prod (prometheus.example.com): Prometheus refuses connections.",
      ],
      [
        "whose provider knows none of its services",
        { tree: asked({ ...answers, samples: { ...samples, requests: [], pods: [] } }) },
        "requests-uncounted: prod counts no request of cart, search.",
        "pods-unknown: prod knows no pod of cart, search.",
      ],
      [
        "whose provider knows nothing of the one that needs it",
        { tree: asked({ ...answers, samples: { ...samples, requests: [], pods: [], needing: APART } }) },
        "requests-uncounted: prod counts no request of cart.",
        "pods-unknown: prod knows no pod of search.",
      ],
    ]),
  )("%s is told of", (_, changes, found) => {
    expect(faults(diagnoseRepository(repositoryReport(changes)))).toEqual(found);
  });

  it.each(
    rows<Partial<RepositoryReport>>([
      [
        "a bypass, which spares reviews, queue and checks",
        {
          rules: read(
            rules({
              ...REVIEWED,
              mergeQueue: true,
              checks: [{ name: "ci", appId: 1 }],
              linear: true,
              bypass: "pullRequests",
            }),
          ),
          settings: read(settings({ methods: { squash: false, merge: true, rebase: false } })),
          tree: read(tree({ services: services({ reviewed: [reviewed("owned", "a")] }) })),
        },
      ],
      [
        "code owners whom no rule asks",
        { tree: read(tree({ services: services({ reviewed: [reviewed("owned", "a")] }) })) },
      ],
      [
        "a rule on every branch that the App always passes by",
        { restrictions: read([{ ...RULESET, rule: "creation", bypass: "always" }]) },
      ],
      [
        "teams that the App sees",
        {
          app: read(appFacts({ permissions: { ...without(), members: "read" } })),
          installation: read(installation({ permissions: { ...without(), members: "read" } })),
          tree: read(tree({ config: { kind: "read", teams: ["acme/payments"], reports: [], loosened: [] } })),
        },
      ],
      [
        "checks that are pinned to this App",
        { rules: read(rules({ checks: [{ name: "tidegate/gate", appId: APP_ID }] })) },
      ],
      ["signatures where squashing is allowed", { rules: read(rules({ signatures: true })) }],
      [
        "settings that GitHub does not show",
        {
          rules: read(rules({ signatures: true, linear: true })),
          settings: read(
            settings({
              methods: { squash: undefined, merge: undefined, rebase: undefined },
              deletesBranches: undefined,
            }),
          ),
        },
      ],
    ]),
  )("takes no offence at %s", (_, changes) => {
    expect(faults(diagnoseRepository(repositoryReport(changes)))).toEqual([]);
  });

  it("says where a problem stands", () => {
    const problems = [".tidegate/services/cart.yaml:4: weight is missing."];
    const report = repositoryReport({
      tree: read(tree({ services: services({ refusals: [{ service: "cart", problems }] }) })),
    });
    expect(diagnoseRepository(report).find(({ id }) => id === "service-refused")?.at).toBe(
      ".tidegate/services/cart.yaml:4",
    );
  });
});

describe("the catalogue", () => {
  it("has a fix for everything that is not fine, and none for what is", () => {
    for (const [id, entry] of Object.entries(CATALOGUE))
      expect([id, "fix" in entry]).toEqual([id, entry.severity !== "ok"]);
  });
});
