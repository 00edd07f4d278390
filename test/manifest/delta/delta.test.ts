import { describe, expect, it } from "vitest";
import { chart, deployment, helmRelease, kustomization, setsTag, values, type Files } from "../services/repo.ts";
import { deltaOf, told } from "./told.ts";

const WEB = "registry.example.com/shop/web";
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** A base and two overlays, of which production sets the version itself. */
const OVERLAYS: Files = {
  "apps/web/base/deployment.yaml": deployment("web", `${WEB}:1`),
  "apps/web/base/kustomization.yaml": kustomization(["deployment.yaml"]),
  "apps/web/overlays/staging/kustomization.yaml": kustomization(["../../base"]),
  "apps/web/overlays/prod/kustomization.yaml": kustomization(["../../base"], setsTag(WEB, "1")),
};
const BASE = "apps/web/base/deployment.yaml";
const PROD = "apps/web/overlays/prod/kustomization.yaml";

const VALUES: Files = {
  "charts/web/Chart.yaml": chart("web", 'appVersion: "1"\n'),
  "charts/web/templates/deployment.yaml":
    'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"\n',
  "charts/web/values.yaml": `image:\n  repository: ${WEB}\n  tag: ""\nreplicaCount: 1\n`,
  "charts/web/values-prod.yaml": 'image:\n  tag: "1"\nreplicaCount: 3\n',
  "charts/web/values-staging.yaml": "replicaCount: 2\n",
};

/** The same files but for some. */
function but(files: Files, changes: Readonly<Record<string, string | undefined>>): Files {
  const entries = Object.entries({ ...files, ...changes });
  return Object.fromEntries(entries.flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])));
}

describe("what lies between two commits", () => {
  it.each<readonly [string, Files, Readonly<Record<string, string | undefined>>, readonly string[]]>([
    ["nothing", OVERLAYS, {}, ["none"]],
    [
      "a tag in the overlay of a target",
      OVERLAYS,
      { [PROD]: kustomization(["../../base"], setsTag(WEB, "2")) },
      ["bump", "web/prod registry.example.com/shop/web 1 -> 2 apps/web/overlays/prod/kustomization.yaml:7"],
    ],
    [
      "an image in a base",
      OVERLAYS,
      { [BASE]: deployment("web", `${WEB}:2`) },
      ["bump", "web/staging registry.example.com/shop/web 1 -> 2 apps/web/base/deployment.yaml:10"],
    ],
    [
      "a base that every overlay overrules",
      but(OVERLAYS, {
        "apps/web/overlays/staging/kustomization.yaml": kustomization(["../../base"], setsTag(WEB, "1")),
      }),
      { [BASE]: deployment("web", `${WEB}:2`) },
      [
        "bump",
        "web/prod registry.example.com/shop/web 1 -> 2 apps/web/base/deployment.yaml:10 overruled",
        "web/staging registry.example.com/shop/web 1 -> 2 apps/web/base/deployment.yaml:10 overruled",
      ],
    ],
    [
      "a line of an overlay that goes",
      OVERLAYS,
      { [PROD]: kustomization(["../../base"]), [BASE]: deployment("web", `${WEB}:2`) },
      [
        "mixed",
        "web/prod registry.example.com/shop/web 1 -> 2 apps/web/base/deployment.yaml:10",
        "web/staging registry.example.com/shop/web 1 -> 2 apps/web/base/deployment.yaml:10",
        "+ other apps/web/overlays/prod/kustomization.yaml:1 images[0].name",
        "+ other apps/web/overlays/prod/kustomization.yaml:1 images[0].newTag",
      ],
    ],
    [
      "an overlay that sets a version of its own",
      OVERLAYS,
      { "apps/web/overlays/staging/kustomization.yaml": kustomization(["../../base"], setsTag(WEB, "2")) },
      [
        "mixed",
        "web/staging registry.example.com/shop/web 1 -> 2 apps/web/overlays/staging/kustomization.yaml:7",
        "+ other apps/web/overlays/staging/kustomization.yaml:6 images[0].name",
        "+ other apps/web/overlays/staging/kustomization.yaml:7 images[0].newTag",
      ],
    ],
    [
      "a digest",
      OVERLAYS,
      { [BASE]: deployment("web", `${WEB}:1@${DIGEST}`) },
      [
        "bump",
        "web/staging registry.example.com/shop/web 1 -> 1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef apps/web/base/deployment.yaml:10",
      ],
    ],
    [
      "another registry",
      OVERLAYS,
      { [BASE]: deployment("web", "mirror.example.com/shop/web:1") },
      [
        "bump",
        "web/prod registry.example.com/shop/web => mirror.example.com/shop/web 1 -> 1 apps/web/base/deployment.yaml:10",
        "web/staging registry.example.com/shop/web => mirror.example.com/shop/web 1 -> 1 apps/web/base/deployment.yaml:10",
      ],
    ],
    [
      "a bump and a setting",
      OVERLAYS,
      { [BASE]: deployment("web", `${WEB}:2`, "          tty: true\n") },
      [
        "mixed",
        "web/staging registry.example.com/shop/web 1 -> 2 apps/web/base/deployment.yaml:10",
        "+ other apps/web/base/deployment.yaml:11 Deployment web spec.template.spec.containers[0].tty",
      ],
    ],
    [
      "a bump and another file",
      OVERLAYS,
      { [BASE]: deployment("web", `${WEB}:2`), "README.md": "# Shop\n" },
      [
        "mixed",
        "web/staging registry.example.com/shop/web 1 -> 2 apps/web/base/deployment.yaml:10",
        "+ new-object README.md:1 a new file",
      ],
    ],
    [
      "a setting",
      OVERLAYS,
      { [BASE]: deployment("web", `${WEB}:1`, "          tty: true\n") },
      ["none", "+ other apps/web/base/deployment.yaml:11 Deployment web spec.template.spec.containers[0].tty"],
    ],
    [
      "quotes",
      OVERLAYS,
      { [PROD]: kustomization(["../../base"], setsTag(WEB, "1").replaceAll('"', "'")) },
      ["none", "+ format apps/web/overlays/prod/kustomization.yaml:7 the same values"],
    ],
    [
      "a comment",
      OVERLAYS,
      { [BASE]: `# The shop's.\n${OVERLAYS[BASE]}` },
      ["none", "+ comment apps/web/base/deployment.yaml:1 the same values"],
    ],
    [
      "the values of a target",
      VALUES,
      { "charts/web/values-prod.yaml": 'image:\n  tag: "2"\nreplicaCount: 3\n' },
      ["bump", "web/prod registry.example.com/shop/web 1 -> 2 charts/web/values-prod.yaml:2"],
    ],
    [
      "the version of an app that its chart takes where values say no other",
      VALUES,
      { "charts/web/Chart.yaml": chart("web", 'appVersion: "2"\n') },
      ["bump", "web/staging registry.example.com/shop/web 1 -> 2 charts/web/Chart.yaml:4"],
    ],
    [
      "a tag in the place of the version of an app",
      but(VALUES, { "charts/web/values.yaml": `image:\n  repository: ${WEB}\n  tag: null\n` }),
      { "charts/web/values-staging.yaml": 'image:\n  tag: "2"\nreplicaCount: 2\n' },
      [
        "mixed",
        "web/staging registry.example.com/shop/web 1 -> 2 charts/web/values-staging.yaml:2",
        "+ other charts/web/values-staging.yaml:2 image.tag",
      ],
    ],
    [
      "the version of an app that its chart does not take",
      but(VALUES, {
        "charts/web/templates/deployment.yaml":
          'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n',
      }),
      { "charts/web/Chart.yaml": chart("web", 'appVersion: "2"\n') },
      ["none", "+ chart-version charts/web/Chart.yaml:4 appVersion"],
    ],
    [
      "the version of a chart",
      VALUES,
      { "charts/web/Chart.yaml": chart("web", 'appVersion: "1"\n').replace("0.1.0", "0.2.0") },
      ["none", "+ chart-version charts/web/Chart.yaml:3 version"],
    ],
    [
      "replicas",
      VALUES,
      { "charts/web/values-prod.yaml": 'image:\n  tag: "1"\nreplicaCount: 5\n' },
      ["none", "+ replicas charts/web/values-prod.yaml:3 replicaCount"],
    ],
    [
      "a moved file",
      OVERLAYS,
      {
        [BASE]: undefined,
        "apps/web/base/web.yaml": deployment("web", `${WEB}:1`),
        "apps/web/base/kustomization.yaml": kustomization(["web.yaml"]),
      },
      [
        "none",
        "+ other apps/web/base/kustomization.yaml:4 resources[0]",
        "+ moved apps/web/base/web.yaml:1 apps/web/base/deployment.yaml",
      ],
    ],
    [
      "a moved file with a bump",
      OVERLAYS,
      {
        [BASE]: undefined,
        "apps/web/base/web.yaml": deployment("web", `${WEB}:2`),
        "apps/web/base/kustomization.yaml": kustomization(["web.yaml"]),
      },
      [
        "mixed",
        "web/staging registry.example.com/shop/web 1 -> 2 apps/web/base/web.yaml:10",
        "+ removed-object apps/web/base/deployment.yaml:1 the whole file",
        "+ other apps/web/base/kustomization.yaml:4 resources[0]",
        "+ new-object apps/web/base/web.yaml:1 a new file",
      ],
    ],
    [
      "a service that moves with its folder, and a bump",
      { "apps/web/web.yaml": deployment("web", `${WEB}:1`), "apps/api/api.yaml": deployment("api", "acme/api:1") },
      { "apps/web/web.yaml": undefined, "services/web/web.yaml": deployment("web", `${WEB}:2`) },
      [
        "mixed",
        "web/default registry.example.com/shop/web 1 -> 2 services/web/web.yaml:10",
        "+ moved services/web/web.yaml:1 apps/web/web.yaml",
      ],
    ],
    [
      "a new service",
      OVERLAYS,
      {
        "apps/api/base/kustomization.yaml": kustomization(["api.yaml"]),
        "apps/api/base/api.yaml": deployment("api", "acme/api:1"),
      },
      [
        "none",
        "+ new-object apps/api/base/api.yaml:1 a new file",
        "+ new-service apps/api/base/api.yaml:1 api in default",
        "+ new-object apps/api/base/kustomization.yaml:1 a new file",
      ],
    ],
    [
      "a removed service",
      but(OVERLAYS, {
        "apps/api/kustomization.yaml": kustomization(["api.yaml"]),
        "apps/api/api.yaml": deployment("api", "acme/api:1"),
      }),
      { "apps/api/kustomization.yaml": undefined, "apps/api/api.yaml": undefined },
      [
        "none",
        "+ removed-object apps/api/api.yaml:1 the whole file",
        "+ removed-service apps/api/api.yaml:1 api in default",
        "+ removed-object apps/api/kustomization.yaml:1 the whole file",
      ],
    ],
    [
      "a new target beside a bump",
      but(OVERLAYS, { "apps/web/overlays/staging/kustomization.yaml": undefined }),
      {
        "apps/web/overlays/staging/kustomization.yaml": kustomization(["../../base"]),
        [PROD]: kustomization(["../../base"], setsTag(WEB, "2")),
      },
      [
        "mixed",
        "web/prod registry.example.com/shop/web 1 -> 2 apps/web/overlays/prod/kustomization.yaml:7",
        "+ new-service apps/web/base/deployment.yaml:1 web in staging",
        "+ new-object apps/web/overlays/staging/kustomization.yaml:1 a new file",
      ],
    ],
    [
      "a release of Helm",
      { "apps/web.yaml": helmRelease("web", values(WEB, "1")) },
      { "apps/web.yaml": helmRelease("web", values(WEB, "2")) },
      ["bump", "web/default registry.example.com/shop/web 1 -> 2 apps/web.yaml:12"],
    ],
    [
      "the stale entry of a kustomization",
      but(OVERLAYS, { [PROD]: kustomization(["../../base"], setsTag("acme/gone", "1")) }),
      { [PROD]: kustomization(["../../base"], setsTag("acme/gone", "2")) },
      ["bump", "web/prod acme/gone 1 -> 2 apps/web/overlays/prod/kustomization.yaml:7 unclear"],
    ],
    [
      "a version that nothing reads",
      { ...OVERLAYS, "ci/versions.yaml": "web:\n  image: acme/web\n  tag: 1.0.0\n" },
      { "ci/versions.yaml": "web:\n  image: acme/web\n  tag: 1.1.0\n" },
      ["bump", "? acme/web 1.0.0 -> 1.1.0 ci/versions.yaml:3"],
    ],
  ])("%s", (_, before, changes, lines) => {
    expect(told(deltaOf(before, but(before, changes)))).toEqual(lines);
  });
});
