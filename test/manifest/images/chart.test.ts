import { describe, expect, it } from "vitest";
import { readImages } from "../../../src/manifest/images/read.ts";
import { folderOf, seen } from "./seen.ts";

const CHART = "apiVersion: v2\nname: shop\nversion: 0.3.0\nappVersion: v1.2.3\n";
const deployment = (image: string): string =>
  `kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: ${image}\n`;
const VALUES = 'image:\n  repository: acme/shop\n  tag: ""\n';

describe("a chart's appVersion", () => {
  it.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      "is the image's where the tag falls back to it",
      {
        "charts/shop/values.yaml": VALUES,
        "charts/shop/templates/deployment.yaml": deployment(
          '"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"',
        ),
      },
      ["acme/shop v1.2.3"],
    ],
    [
      "is the image's where it is written into the reference",
      {
        "charts/shop/values.yaml": VALUES,
        "charts/shop/templates/deployment.yaml": deployment('"{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"'),
      },
      ["acme/shop v1.2.3"],
    ],
    [
      "is the image's where a named template says so",
      {
        "charts/shop/values.yaml": "image:\n  repository: acme/shop\n",
        "charts/shop/templates/_helpers.tpl":
          '{{- define "shop.tag" -}}\n{{ default .Chart.AppVersion .Values.image.tag }}\n{{- end }}\n',
      },
      ["acme/shop v1.2.3"],
    ],
    [
      "is no image's where values say another tag",
      {
        "charts/shop/values.yaml": "image:\n  repository: acme/shop\n  tag: v9\n",
        "charts/shop/templates/deployment.yaml": deployment(
          '"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"',
        ),
      },
      [],
    ],
    [
      "is no image's where it is a label alone",
      {
        "charts/shop/values.yaml": VALUES,
        "charts/shop/templates/_helpers.tpl": "app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}\n",
        "charts/shop/templates/deployment.yaml": deployment('"acme/shop:{{ .Values.image.tag }}"'),
      },
      [],
    ],
  ])("%s", (_, files, found) => {
    expect(seen("charts/shop/Chart.yaml", CHART, files)).toEqual(found);
  });

  it("is left alone, and told, where the templates are not here", () => {
    const { sites, unread } = readImages({ path: "charts/shop/Chart.yaml", text: CHART }, folderOf());
    expect(sites).toEqual([]);
    expect(unread).toEqual([expect.objectContaining({ line: 4, found: "appVersion v1.2.3" })]);
  });
});

describe("variables", () => {
  it("are versions of images where a Compose file beside them says so", () => {
    const compose = "services:\n  web:\n    image: acme/web:${WEB_VERSION}\n";
    const env = "WEB_VERSION=1.2.3\nNODE_VERSION=22.1.0\n";
    expect(seen("stack/.env", env)).toEqual([]);
    expect(seen("stack/.env", env, { "stack/compose.yaml": compose })).toEqual(["? 1.2.3"]);
  });
});
