import { describe, expect, it } from "vitest";
import { peek } from "../../src/yaml/look.ts";
import { attempt } from "../../src/yaml/refusal.ts";
import { readTemplate } from "../../src/yaml/template.ts";
import { isTemplated } from "../../src/yaml/template-mask.ts";

const CHART = `{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.name" . }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
    {{ .Values.label }}: "on"
spec:
  template:
    spec:
      containers:
        - name: shop
          {{- if .Values.digest }}
          image: "registry.example/shop@{{ .Values.digest }}"
          {{- else }}
          image: "registry.example/shop:{{ .Values.tag }}"
          {{- end }}
          command: ["shop", {{ .Values.mode | quote }}]
        - name: proxy
          image: registry.example/proxy:1.2.3
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
{{- end }}
---
kind: ConfigMap
data:
  shop.conf: |
    {{- range .Values.lines }}
    line {{ . }}
    {{- end }}
  other: 1
`;

describe("a template is read around its actions", () => {
  const { documents, masks } = readTemplate({ path: "templates/shop.yaml", text: CHART });
  const at = (document: number, ...path: readonly (string | number)[]) => peek(documents[document], path);
  const containers = ["spec", "template", "spec", "containers"];

  it("with its documents and its own words in place", () => {
    expect(documents).toHaveLength(2);
    const image = at(0, ...containers, 1, "image");
    expect(image).toMatchObject({ value: "registry.example/proxy:1.2.3", oddity: undefined });
    expect(CHART.slice(image?.start, image?.end)).toBe("registry.example/proxy:1.2.3");
    expect(at(1, "data", "other")).toMatchObject({ value: 1 });
  });

  it("with the values that hold actions told apart", () => {
    expect(at(0, "metadata", "name")).toMatchObject({ value: '{{ include "shop.name" . }}', oddity: "a template" });
    expect(at(0, ...containers, 0, "command", 1)).toMatchObject({ oddity: "a template" });
    expect(at(1, "data", "shop.conf")).toMatchObject({ style: "block", oddity: "a template" });
    expect(masks).toHaveLength(17);
  });

  it("with keys that hold actions, and with the keys of every branch", () => {
    const labels = at(0, "metadata", "labels");
    expect(labels?.kind === "map" ? labels.entries.map(({ key }) => key) : []).toEqual(["{{ .Values.label }}"]);
    const container = at(0, ...containers, 0);
    expect(
      container?.kind === "map" ? container.entries.map(({ key, value }) => [key, peek(value, [])]) : [],
    ).toMatchObject([
      ["name", { value: "shop" }],
      ["image", { value: "registry.example/shop@{{ .Values.digest }}", oddity: "a template" }],
      ["image", { value: "registry.example/shop:{{ .Values.tag }}", oddity: "a template" }],
      ["command", { kind: "list" }],
    ]);
  });

  it("or refused where the rest is no YAML", () => {
    const read = attempt(() => readTemplate({ path: "a.yaml", text: "a: 1\n{{ if .x }}b: 1{{ end }}\n  c: d\n" }));
    expect(read).toMatchObject({ kind: "err", error: { path: "a.yaml", line: 2 } });
  });
});

describe("a value that waits for its own", () => {
  it.each(["{{ .Values.tag }}", "a:${TAG}", "$(params.image)", "$IMAGE", "<your image>", "%TAG%", "{% if a %}"])(
    "%s",
    (text) => {
      expect(isTemplated(text)).toBe(true);
    },
  );

  it.each(["shop:1.2.3", "a@sha256:0", "100%", "5$", "a < b", "<3", "{a}"])("%s is none", (text) => {
    expect(isTemplated(text)).toBe(false);
  });
});
