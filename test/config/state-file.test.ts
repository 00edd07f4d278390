import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { problemText } from "../../src/config/document.ts";
import { instantOf, instantText } from "../../src/config/instant.ts";
import { isOwnedPath, isRepoPath } from "../../src/config/repo-path.ts";
import { parseState } from "../../src/config/state-file.ts";
import { printState } from "../../src/config/state-text.ts";
import { NO_EVIDENCE, type Evidence } from "../../src/core/gate/evidence.ts";
import { SLO_FACTORS } from "../../src/core/gate/one-arm.ts";
import { BETS, BETTER_RATIOS, RATIOS } from "../../src/core/gate/rate.ts";
import { GATES } from "../../src/core/gate/settings.ts";
import { image, type Image } from "../../src/core/image.ts";
import { name, sha, type Name } from "../../src/core/names.ts";
import type { AbortedBy, Arms, Destinations, Manifests, RouterKind, ServiceState } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";

/** What may be claimed of a file. */
const CLAIMED = [
  "spec.replicas",
  "a",
  "images[registry.example.com/checkout].newTag",
  "Deployment shop/checkout-canary spec.replicas",
  "StatefulSet checkout.canary spec.template.spec.containers[app].image",
] as const;

const PATH = ".tidegate/services/checkout.yaml";
const parse = (text: string) => parseState({ path: PATH, text });
const problems = (text: string) => errorOf(parse(text)).map(problemText);

const CHECKOUT: ServiceState = {
  service: name("checkout"),
  template: { name: "canary-http-route", revision: sha("4f1c".repeat(10)) },
  owned: ["apps/checkout/tidegate/"],
  claims: [{ path: "apps/checkout/canary.yaml", at: "spec.replicas" }],
  targets: new Map([
    [
      name("prod-eu"),
      {
        namespace: name("shop"),
        manifests: {
          layout: "workloads",
          router: "HTTPRoute",
          destinations: undefined,
          canary: "apps/checkout/canary.yaml",
          stable: "apps/checkout/tidegate/stable.yaml",
          route: "apps/checkout/tidegate/route.yaml",
        },
        arms: { canary: name("checkout-canary"), stable: name("checkout-stable"), by: "service" },
        weight: weight(25),
        stable: image("registry.example.com/checkout:1.41.0"),
        release: {
          image: image("registry.example.com/checkout:1.42.0"),
          from: image("registry.example.com/checkout:1.41.0"),
          template: "1234567890123456",
          commit: sha("0".repeat(40)),
          source: 4812,
          since: Date.UTC(2026, 10, 20, 10, 4, 11),
          step: 2,
          evidence: {
            ...NO_EVIDENCE,
            through: 1,
            exact: [0.42, -1.7e-9, 0, 0, 0, 0, 0, 0, 0],
            failedWindows: 1,
            strata: [[10, 1, 90, 2]],
          },
          plan: "usual",
          override: { by: "ana", comment: 7, commit: undefined, reach: "step" },
          skips: [],
          aborting: undefined,
        },
      },
    ],
  ]),
  blocked: [
    {
      image: image("registry.example.com/checkout:1.40.9"),
      template: undefined,
      commit: undefined,
      by: "gate",
      reason: "error ratio 3.1 (1.8–5.2)",
    },
  ],
  holds: [{ target: name("prod-eu"), by: "ana", comment: 8, closed: undefined, at: undefined, reason: undefined }],
  heard: 9,
};

const TEXT = `# Written by Tidegate; edits by hand are read as such, and where they differ from the manifests, the manifests win.
version: 1
template: { name: canary-http-route, revision: "4f1c4f1c4f1c4f1c4f1c4f1c4f1c4f1c4f1c4f1c" }
owned: [apps/checkout/tidegate/]
claims:
  - { path: apps/checkout/canary.yaml, at: spec.replicas }
targets:
  prod-eu:
    namespace: shop
    manifests: { canary: apps/checkout/canary.yaml, stable: apps/checkout/tidegate/stable.yaml, route: apps/checkout/tidegate/route.yaml }
    arms: { canary: checkout-canary, stable: checkout-stable }
    weight: 25
    stable: "registry.example.com/checkout:1.41.0"
    release:
      image: "registry.example.com/checkout:1.42.0"
      from: "registry.example.com/checkout:1.41.0"
      template: "1234567890123456"
      commit: "0000000000000000000000000000000000000000"
      source: 4812
      since: 2026-11-20T10:04:11Z
      step: 2
      evidence: { through: 1, exact: [0.42, -1.7e-9, 0, 0, 0, 0, 0, 0, 0], bets: [], better: [], slo: [], failedWindows: 1, strata: [[10, 1, 90, 2]] }
      override: { by: ana, comment: 7 }
blocked:
  - { image: "registry.example.com/checkout:1.40.9", by: gate, reason: "error ratio 3.1 (1.8–5.2)" }
holds:
  - { target: prod-eu, by: ana, comment: 8 }
heard: 9
`;

describe("a state file", () => {
  it("is written in one way", () => {
    expect(printState(CHECKOUT)).toBe(TEXT);
  });

  it("is read as it was written", () => {
    expect(valueOf(parse(TEXT))).toStrictEqual(CHECKOUT);
  });

  it("gives any state back", () => {
    fc.assert(
      fc.property(states(), (state) => {
        const text = printState(state);
        expect(valueOf(parse(text))).toEqual(state);
        expect(printState(valueOf(parse(text)))).toBe(text);
      }),
    );
  });

  it("moves one line when one number moves", () => {
    const target = CHECKOUT.targets.get(name("prod-eu"));
    if (target === undefined) throw new Error("The target is there.");
    const next = { ...CHECKOUT, targets: new Map([[name("prod-eu"), { ...target, weight: weight(50) }]]) };
    const old = TEXT.split("\n");
    expect(
      printState(next)
        .split("\n")
        .filter((line, index) => line !== old[index]),
    ).toEqual(["    weight: 50"]);
    const tested = { ...CHECKOUT, targets: new Map([[name("prod-eu"), { ...target, testers: true as const }]]) };
    expect(valueOf(parse(printState(tested)))).toEqual(tested);
    expect(
      printState(tested)
        .split("\n")
        .filter((line) => !printState(CHECKOUT).split("\n").includes(line)),
    ).toEqual(["    testers: true"]);
    expect(problems(printState(tested).replace("testers: true", "testers: false")).join()).toContain(
      "must be true, or left out",
    );
    const mirrored = { ...CHECKOUT, targets: new Map([[name("prod-eu"), { ...target, mirror: 50 }]]) };
    expect(valueOf(parse(printState(mirrored)))).toEqual(mirrored);
    expect(
      printState(mirrored)
        .split("\n")
        .filter((line) => !printState(CHECKOUT).split("\n").includes(line)),
    ).toEqual(["    mirror: 50"]);
    for (const other of ["0", "101", "2.5", "true"])
      expect(problems(printState(mirrored).replace("mirror: 50", `mirror: ${other}`)).join()).toContain(
        "must be a whole number from 1 to 100, or left out",
      );
  });
});

const PLACES = `    places:
      canary: { path: apps/checkout/prod/kustomization.yaml, at: "images[registry.example.com/checkout].newTag" }
      stable: { path: apps/checkout/prod/tidegate/stable.yaml, at: "ConfigMap checkout-stable data.image" }
      weight: { path: apps/checkout/prod/tidegate/route.yaml }
      replicas: { canary: { path: apps/checkout/prod/tidegate/canary.yaml, at: "Deployment checkout-canary spec.replicas" }, stable: 3 }
      workloads: { canary: checkout-canary, stable: checkout }
      container: app
`;
const MANIFEST_LINE = /^ {4}manifests: .*\n/m;

/** The same without replicas. */
function podless(weighed: string, scaled: string): string {
  return PLACES.replace(/weight: .*/, weighed).replace(/ {6}replicas: .*\n/, scaled);
}

describe("a state file of a rendered member", () => {
  it("names places instead of files, and is written in one way", () => {
    const text = TEXT.replace(MANIFEST_LINE, PLACES);
    expect(valueOf(parse(text)).targets.get(name("prod-eu"))?.manifests).toStrictEqual({
      layout: "places",
      canary: {
        path: "apps/checkout/prod/kustomization.yaml",
        at: "images[registry.example.com/checkout].newTag",
        image: undefined,
      },
      stable: {
        path: "apps/checkout/prod/tidegate/stable.yaml",
        at: "ConfigMap checkout-stable data.image",
        image: undefined,
      },
      weight: {
        kind: "route",
        path: "apps/checkout/prod/tidegate/route.yaml",
        router: "HTTPRoute",
        destinations: undefined,
      },
      canaryReplicas: {
        path: "apps/checkout/prod/tidegate/canary.yaml",
        at: "Deployment checkout-canary spec.replicas",
      },
      stableReplicas: 3,
      workloads: { canary: "checkout-canary", stable: "checkout" },
      container: "app",
    });
    expect(printState(valueOf(parse(text)))).toBe(text);
  });

  it.each([
    ["behind a Route of Knative's", "weight: { path: route.yaml, router: KnativeRoute }", ""],
    ["by a number of a chart's", "weight: { path: values.yaml, at: canary.weight }", "      scaled: requests\n"],
  ])("has no replicas where pods come and go with requests %s", (_, weighed, scaled) => {
    const text = TEXT.replace(MANIFEST_LINE, podless(weighed, scaled));
    const at = valueOf(parse(text)).targets.get(name("prod-eu"))?.manifests;
    expect(at).toMatchObject({ layout: "places", canaryReplicas: undefined, stableReplicas: 0 });
    expect(printState(valueOf(parse(text)))).toBe(text);
  });

  it.each([
    ["an HTTPRoute", podless("weight: { path: route.yaml }", ""), "places must say replicas: the pods behind a route"],
    ["words for it", podless("weight: { path: route.yaml }", "      scaled: requests\n"), "places must say replicas"],
    ["a chart's number", podless("weight: { path: v.yaml, at: canary.weight }", ""), "must say replicas, or scaled"],
    [
      "both",
      PLACES.replace("      workloads", "      scaled: requests\n      workloads"),
      "replicas or scaled, not both",
    ],
    [
      "a Route of Knative's, twice",
      podless("weight: { path: route.yaml, router: KnativeRoute }", "      scaled: requests\n"),
      "must not say scaled",
    ],
  ])("is refused where replicas may be forgotten: %s", (_, places, problem) => {
    expect(problems(TEXT.replace(MANIFEST_LINE, places)).join("\n")).toContain(problem);
  });

  it.each([
    [
      "files and places",
      TEXT.replace(MANIFEST_LINE, (line) => `${line}${PLACES}`),
      "its manifests, its places or its rollout",
    ],
    ["neither", TEXT.replace(MANIFEST_LINE, ""), "its manifests, its places or its rollout"],
    [
      "a router beside places",
      TEXT.replace(MANIFEST_LINE, `    router: Ingress\n${PLACES}`),
      "its manifests, its places or its rollout",
    ],
    [
      "a weight that is both",
      TEXT.replace(MANIFEST_LINE, PLACES.replace("route.yaml }", "route.yaml, router: Ingress, at: canary.weight }")),
      "places.weight must be a route, or a number at a place",
    ],
    [
      "one place for two images",
      TEXT.replace(
        MANIFEST_LINE,
        PLACES.replace(/stable: \{ path.*/, (line) => `stable: ${/canary: (.*)/.exec(PLACES)?.[1] ?? line}`),
      ),
      "places must name two places for the images",
    ],
    [
      "replicas that are neither",
      TEXT.replace(MANIFEST_LINE, PLACES.replace("stable: 3", "stable: many")),
      "replicas.stable must be a place or a whole number",
    ],
  ])("is refused: %s", (_, text, problem) => {
    expect(problems(text).join("\n")).toContain(problem);
  });
});

const ROLLOUT = TEXT.replace(
  /manifests: .*/,
  'rollout: { path: apps/checkout/tidegate/rollout.yaml, workload: apps/checkout/deployment.yaml, stableTemplate: "0123456789abcdef" }',
);

describe("a state file of an Argo Rollout", () => {
  it("is read as it was written", () => {
    const state = valueOf(parse(ROLLOUT));
    expect(state.targets.get(name("prod-eu"))?.manifests).toStrictEqual({
      layout: "rollout",
      rollout: "apps/checkout/tidegate/rollout.yaml",
      workload: "apps/checkout/deployment.yaml",
      stableTemplate: "0123456789abcdef",
    });
    expect(printState(state)).toBe(ROLLOUT);
  });

  it("is read with the place of its version", () => {
    const text = ROLLOUT.replace(
      "deployment.yaml, stableTemplate",
      'deployment.yaml, image: { path: apps/checkout/prod/kustomization.yaml, at: "images[registry.example.com/checkout].newTag" }, stableTemplate',
    );
    const state = valueOf(parse(text));
    expect(state.targets.get(name("prod-eu"))?.manifests).toMatchObject({
      image: { path: "apps/checkout/prod/kustomization.yaml", at: "images[registry.example.com/checkout].newTag" },
    });
    expect(printState(state)).toBe(text);
  });

  it.each([
    [
      "a router beside it",
      ROLLOUT.replace("    arms:", "    router: Ingress\n    arms:"),
      ":8: targets.prod-eu must say its manifests, its places or its rollout, one of them.",
    ],
    [
      "files of another layout beside it",
      ROLLOUT.replace("    arms:", "    manifests: { canary: a.yaml, stable: b.yaml, route: c.yaml }\n    arms:"),
      ":8: targets.prod-eu must say its manifests, its places or its rollout, one of them.",
    ],
    [
      "no digest",
      ROLLOUT.replace(/, stableTemplate: "\w+"/, ""),
      ":10: targets.prod-eu.rollout.stableTemplate is missing.",
    ],
  ])("is refused with %s", (_, text, problem) => {
    expect(text).not.toBe(ROLLOUT);
    expect(problems(text).join("\n")).toContain(`${PATH}${problem}`);
  });
});

describe("a state file that is refused", () => {
  it.each([
    [
      "a misspelt key",
      TEXT.replace("    weight: 25", "    weight: 25\n    wieght: 3"),
      ":13: targets.prod-eu.wieght is unknown: did you mean weight?",
    ],
    [
      "a strange key",
      TEXT.replace("heard: 9", "heard: 9\nmood: good"),
      ":29: mood is unknown: the keys here are version, template, owned, claims, targets, blocked, holds, heard.",
    ],
    [
      "another version",
      TEXT.replace("version: 1", "version: 2"),
      ":2: version must be 1, the only version of this file.",
    ],
    ["no version", TEXT.replace("version: 1\n", ""), "version must be 1"],
    [
      "a weight beyond all",
      TEXT.replace("weight: 25", "weight: 101"),
      ":12: targets.prod-eu.weight must be a whole number from 0 to 100.",
    ],
    ["a weight in quotes", TEXT.replace("weight: 25", 'weight: "25"'), ":12: targets.prod-eu.weight must be a number."],
    [
      "an image without a version",
      TEXT.replace("checkout:1.42.0", "checkout"),
      ":15: targets.prod-eu.release.image must be an image reference with a tag or a digest.",
    ],
    [
      "a commit that git would read as a name",
      TEXT.replace(`"${"0".repeat(40)}"`, "--upload-pack"),
      ":18: targets.prod-eu.release.commit must be a commit id",
    ],
    [
      "a commit that is a number",
      TEXT.replace(`"${"0".repeat(40)}"`, "0".repeat(40)),
      ":18: targets.prod-eu.release.commit must be text (in quotes, if it looks like a number).",
    ],
    [
      "30 February",
      TEXT.replace("2026-11-20", "2026-02-30"),
      ":20: targets.prod-eu.release.since must be a time such as",
    ],
    [
      "a path that leaves",
      TEXT.replace("canary: apps/checkout", "canary: ../checkout"),
      ":10: targets.prod-eu.manifests.canary must be a path inside the repository",
    ],
    [
      "workflows",
      TEXT.replace("[apps/checkout/tidegate/]", "[.github/workflows/]"),
      ":4: owned[0] must be a file or a folder",
    ],
    [
      "one file for two",
      TEXT.replace("canary: apps/checkout/canary.yaml", "canary: apps/checkout/tidegate/stable.yaml"),
      ":10: targets.prod-eu.manifests must name two files",
    ],
    [
      "one Service for two",
      TEXT.replace("checkout-canary, stable", "checkout-stable, stable"),
      ":11: targets.prod-eu.arms must name two Services or two workloads.",
    ],
    [
      "a hold of no target",
      TEXT.replace("target: prod-eu", "target: prod-us"),
      ":27: holds[0].target must be one of the targets.",
    ],
    [
      "a router that nobody has made",
      TEXT.replace("    manifests:", "    router: Mystery\n    manifests:"),
      ":10: targets.prod-eu.router must be",
    ],
    [
      "one destination for two arms",
      TEXT.replace(
        "    arms:",
        "    destinations: { canary: { host: checkout, subset: a }, stable: { host: checkout, subset: a } }\n    arms:",
      ),
      ":11: targets.prod-eu.destinations must name two hosts, or two subsets of one.",
    ],
    [
      "a target that is no name",
      TEXT.replace("prod-eu:", "Prod:").replace("target: prod-eu", "target: x"),
      ":8: targets.Prod must be a name",
    ],
    [
      "evidence that is no number",
      TEXT.replace("0.42", ".nan"),
      ":22: targets.prod-eu.release.evidence.exact[0] must be a number.",
    ],
    [
      "evidence of another gate",
      TEXT.replace("0.42, ", ""),
      ":22: targets.prod-eu.release.evidence.exact must be 9 numbers, or none.",
    ],
    ["a key twice", TEXT.replace("heard: 9", "heard: 9\nheard: 8"), ':29: found the key "heard" twice'],
    ["an alias", TEXT.replace("by: gate", "by: &g gate"), ":25: found an anchor"],
    ["a tag", TEXT.replace("heard: 9", "heard: !!int 9"), ":28: found a tag"],
    ["a second document", `${TEXT}---\nversion: 1\n`, ":30: found a second document; the file has one."],
    ["nothing", "", ':1: found nothing; write "version: 1" first.'],
    ["a list", "- 1\n", ":1: The file must be a mapping."],
    ["too much", `# ${"x".repeat(256 * 1024)}\n`, ":1: found 262147 bytes; a file has at most 262144."],
    ["a prototype", TEXT.replace("heard: 9", "heard: 9\n__proto__: { heard: 1 }"), ":29: __proto__ is unknown"],
  ])("%s", (_, text, problem) => {
    expect(text).not.toBe(TEXT);
    expect(problems(text).join("\n")).toContain(`${PATH}${problem.startsWith(":") ? problem : ""}`);
    expect(problems(text).join("\n")).toContain(problem);
  });

  it.each([
    ".tidegate/services/Checkout.yaml",
    ".tidegate/services/a/b.yaml",
    "services/checkout.yaml",
    ".tidegate/services/checkout.yml",
  ])("a path that names no service: %s", (path) => {
    expect(errorOf(parseState({ path, text: TEXT })).map(problemText)).toEqual([
      `${path}:1: A state file is called .tidegate/services/<service>.yaml.`,
    ]);
  });

  it.each(["opt-in", "opt-out"])("a service that is called as the branches of others: %s", (service) => {
    const path = `.tidegate/services/${service}.yaml`;
    expect(errorOf(parseState({ path, text: TEXT })).map(problemText)).toEqual([
      `${path}:1: No service is called ${service}: branches of what opts services in and out are. Call its workload otherwise.`,
    ]);
  });

  it("names every problem, in the order of the lines", () => {
    const text = TEXT.replace("heard: 9", "heard: x")
      .replace("version: 1", "version: 3")
      .replace("weight: 25", "weight: -1");
    expect(problems(text).map((problem) => Number(problem.split(":")[1]))).toEqual([2, 12, 28]);
  });
});

describe("a path in the repository", () => {
  it.each(["a.yaml", "apps/checkout/a.yaml", ".argocd-source.yaml", "a..b/c", "apps/.github/a"])(
    "%s is one",
    (path) => {
      expect(isRepoPath(path)).toBe(true);
      expect(isOwnedPath(`${path}/`)).toBe(true);
    },
  );

  it.each([
    "",
    "/",
    "/etc/passwd",
    "a//b",
    "a/./b",
    "../a",
    "a/../b",
    "a/..",
    ".git/config",
    "a/.GIT/config",
    "a/git~1/x",
    ".github/a.yml",
    ".GitHub/a",
    ".tidegate/services/a.yaml",
    "a\0b",
    "a\nb",
    "a\\b",
    "a\u202Eb",
    "x".repeat(513),
  ])("%j is none", (path) => {
    expect(isRepoPath(path)).toBe(false);
    expect(isOwnedPath(path)).toBe(false);
  });

  it.each([".tidegate/", ".github/", "/", "a//", "./"])("%s is no folder to own", (path) => {
    expect(isOwnedPath(path)).toBe(false);
  });
});

describe("an instant", () => {
  it("is given back to the thousandth", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (instant) => {
        expect(instantOf(instantText(instant))).toBe(instant);
      }),
    );
  });

  it.each([
    "2026-11-20",
    "2026-11-20T10:04Z",
    "2026-11-20T10:04:11+01:00",
    "2026-11-20T25:00:00Z",
    "2026-13-01T00:00:00Z",
    "20261120T100411Z",
  ])("is not %s", (text) => {
    expect(instantOf(text)).toBeUndefined();
  });
});

/** Any state that the domain allows. */
function states(): fc.Arbitrary<ServiceState> {
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const names = fc
    .oneof(
      fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/),
      fc.constantFrom("true", "null", "1e3", "012", "12", "yes"),
    )
    .map(name);
  const commits = fc.stringMatching(/^[0-9a-f]{40}$/).map(sha);
  const digests = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{16}$/),
    fc.constant("1234567890123456"),
    fc.constant("12345678901234e5"),
  );
  const images: fc.Arbitrary<Image> = fc
    .constantFrom(
      "a:1",
      "1:30",
      "registry.example.com:5000/a/b_c:v1.2@sha256:" + "a".repeat(64),
      "a@sha256:" + "0".repeat(64),
    )
    .map(image);
  const words = fc.string({ unit: "binary", minLength: 1, maxLength: 30 });
  const reasons = fc.oneof(
    words,
    fc.constantFrom("", "a: b # c", "'", '"', "{{ x }}", "- a", "\u0085\u2028\u2029\u{7F}\uFEFF\n", "\uD800"),
  );
  const ids = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const sums = ({ length }: readonly number[]) =>
    fc.oneof(fc.constant([]), fc.array(fc.double({ noNaN: true }), { minLength: length, maxLength: length }));
  const counts = fc.nat().map((count) => count);
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const by = fc.constantFrom<AbortedBy>("gate", "person", "containment");
  const paths = fc.constantFrom("a.yaml", "apps/b c/d.yaml", "true", "apps/é.yaml", "-a: #b", "0755");
  const evidences: fc.Arbitrary<Evidence> = fc.oneof(
    fc.constant(NO_EVIDENCE),
    fc.record({
      through: fc.integer({ min: -1, max: 9 }),
      exact: sums(RATIOS),
      bets: sums(BETS),
      better: sums(BETTER_RATIOS),
      slo: sums(SLO_FACTORS),
      failedWindows: fc.nat(),
      strata: fc.array(fc.tuple(counts, counts, counts, counts), { maxLength: 3 }),
    }),
  );
  const releases = fc.record({
    image: images,
    from: images,
    template: digests,
    commit: commits,
    source: optional(ids),
    since: fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }),
    step: fc.nat(9),
    evidence: evidences,
    gauges: optional(
      fc.uniqueArray(fc.record({ name: names, sum: finite, count: fc.integer({ min: 1, max: 1e9 }), peak: finite }), {
        minLength: 1,
        maxLength: 3,
        selector: ({ name: called }) => called,
      }),
    ),
    plan: fc.constantFrom("usual", "expedite"),
    override: optional(
      fc.record({
        by: words,
        comment: optional(ids),
        commit: optional(commits),
        reach: fc.constantFrom("step", "full"),
      }),
    ),
    skips: fc.uniqueArray(fc.record({ gate: fc.constantFrom(...GATES), by: words, comment: ids, reason: words }), {
      selector: ({ gate }) => gate,
    }),
    aborting: optional(fc.record({ by, who: optional(words), reason: reasons })),
  });
  const destinations = fc
    .tuple(names, fc.uniqueArray(names, { minLength: 2, maxLength: 2 }))
    .map(([host, [canary, stable]]): Destinations => {
      return { canary: { host, subset: canary }, stable: { host, subset: stable } };
    });
  const place = fc.record({ path: paths, at: words });
  const places: fc.Arbitrary<Manifests> = fc.record({
    layout: fc.constant("places"),
    canary: fc.record({ path: paths, at: fc.constant("images[app].newTag"), image: optional(words) }),
    stable: fc.record({ path: paths, at: fc.constant("ConfigMap app data.image"), image: optional(words) }),
    weight: fc.oneof(
      fc.record({
        kind: fc.constant("route" as const),
        path: paths,
        router: fc.constantFrom<RouterKind>("HTTPRoute", "VirtualService", "Ingress"),
        destinations: optional(destinations),
      }),
      fc.record({ kind: fc.constant("values" as const), path: paths, at: words }),
    ),
    canaryReplicas: place,
    stableReplicas: fc.oneof(place, fc.nat(9)),
    workloads: fc
      .uniqueArray(names, { minLength: 2, maxLength: 2 })
      .map(([canary = name("a"), stable = name("b")]) => ({ canary, stable })),
    container: names,
  });
  const targets = fc.record({
    namespace: names,
    manifests: fc.oneof(
      places,
      fc.record(
        {
          layout: fc.constant("rollout" as const),
          rollout: paths,
          of: paths,
          workload: paths,
          stableTemplate: digests,
        },
        { requiredKeys: ["layout", "rollout", "workload", "stableTemplate"] },
      ),
      fc
        .tuple(
          fc.uniqueArray(paths, { minLength: 3, maxLength: 3 }),
          fc.constantFrom<RouterKind>("HTTPRoute", "VirtualService", "Ingress"),
          optional(destinations),
        )
        .map(([[canary = "", stable = "", route = ""], router, to]): Manifests => {
          return { layout: "workloads", router, canary, stable, route, destinations: to };
        }),
    ),
    arms: fc
      .tuple(fc.uniqueArray(names, { minLength: 2, maxLength: 2 }), fc.constantFrom<Arms["by"]>("service", "workload"))
      .map(([[canary = name("a"), stable = name("b")], one]) => ({ canary, stable, by: one })),
    weight: fc.nat(100).map(weight),
    stable: images,
    release: optional(releases),
  });
  return fc.array(fc.tuple(names, targets), { maxLength: 2 }).chain((entries) => {
    const ofNames = new Map(entries);
    return fc.record({
      service: fc.constant(name("checkout")),
      template: fc.record({ name: fc.constantFrom("canary", "1.0", "on"), revision: commits }),
      owned: fc.array(
        paths.map((path) => `${path}/`),
        { maxLength: 2 },
      ),
      claims: fc.array(
        fc.record({ path: paths, at: fc.constantFrom(...CLAIMED), was: fc.string() }, { requiredKeys: ["path", "at"] }),
        { maxLength: 2 },
      ),
      targets: fc.constant(ofNames),
      blocked: fc.array(
        fc.record({ image: images, template: optional(digests), commit: optional(commits), by, reason: reasons }),
        {
          maxLength: 2,
        },
      ),
      holds: holdsOf([...ofNames.keys()], { words, ids, reasons: optional(reasons) }),
      heard: fc.nat(),
    });
  });
}

function holdsOf(
  targets: readonly Name[],
  {
    words,
    ids,
    reasons,
  }: { words: fc.Arbitrary<string>; ids: fc.Arbitrary<number>; reasons: fc.Arbitrary<string | undefined> },
): fc.Arbitrary<ServiceState["holds"]> {
  if (targets.length === 0) return fc.constant([]);
  return fc.array(
    fc.record({
      target: fc.constantFrom(...targets),
      by: words,
      comment: fc.option(ids, { nil: undefined }),
      closed: fc.option(ids, { nil: undefined }),
      at: fc.option(fc.constantFrom(0, Date.UTC(2026, 10, 20, 10, 4, 11)), { nil: undefined }),
      reason: reasons,
    }),
    {
      maxLength: 2,
    },
  );
}

describe("a claim", () => {
  const claiming = (at: string) => TEXT.replace("at: spec.replicas }", `at: ${JSON.stringify(at)} }`);

  it.each(CLAIMED)("is of %s", (at) => {
    expect(valueOf(parse(claiming(at))).claims).toEqual([{ path: "apps/checkout/canary.yaml", at }]);
  });

  it.each([
    "",
    " ",
    "spec. replicas",
    "spec..replicas",
    "a b c d",
    "Deployment checkout",
    "Deployment  checkout spec",
    " a",
  ])("is of no %j", (at) => {
    expect(parse(claiming(at)).kind).toBe("err");
  });
});
