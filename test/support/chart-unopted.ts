import { optIn } from "../../src/opt-in/opt-in.ts";
import { valueOf } from "../manifest/builders.ts";
import type { LayoutService } from "./layout-files.ts";
import {
  applicationText,
  deploymentTemplate,
  fluxText,
  helmReleaseText,
  kustomizationText,
  serviceText,
} from "./layout-texts.ts";
import { applied, groundOf, wishOf, type Files } from "./opt-in-ground.ts";

/** Charts of the repository, which Argo CD and Flux bring. */
export const CHARTS: readonly LayoutService[] = ["search", "mail"].map((name) => {
  return { name, layout: "helm", targets: ["prod"], bumps: "overlay" };
});

const NAME = "{{ .Release.Name }}";
const INSTANCE = "app.kubernetes.io/instance: {{ .Release.Name }}";

/** A chart, and its values in prod. */
function chartOf(own: string): Readonly<Record<string, string>> {
  return {
    [`apps/${own}/chart/Chart.yaml`]: `apiVersion: v2\nname: ${own}\nversion: 1.3.0\n`,
    [`apps/${own}/chart/values.yaml`]: `replicaCount: 1\nimage:\n  repository: registry.example.com/shop/${own}\n  tag: ""\nlevel: info\n`,
    [`apps/${own}/chart/templates/all.yaml`]: [
      deploymentTemplate(NAME, {
        labels: INSTANCE,
        replicas: "{{ .Values.replicaCount }}",
        image: '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
      }),
      serviceText(NAME, INSTANCE),
    ].join("---\n"),
    [`apps/${own}/prod/values.yaml`]:
      '# What runs in prod.\nreplicaCount: 4\nimage:\n  tag: "1.0.0" # bumped by a bot\n',
  };
}

const RELEASE = helmReleaseText("mail", "./apps/mail/chart").replace(/(name: mail-values\n)[^]*$/, "$1");
const VALUES =
  "configMapGenerator:\n  - name: mail-values\n    files: [values.yaml]\n    options: { disableNameSuffixHash: true }\n";

/** What people have. */
export const BEFORE: Files = new Map(
  Object.entries({
    ...chartOf("search"),
    ...chartOf("mail"),
    "clusters/search-prod.yaml": applicationText({
      name: "search-prod",
      target: "prod",
      path: "apps/search/chart",
      release: "search",
      values: ["../prod/values.yaml"],
    }),
    "clusters/kustomization.yaml": kustomizationText({ resources: ["search-prod.yaml"] }),
    "apps/mail/prod/release.yaml": RELEASE,
    "apps/mail/prod/kustomization.yaml": `${kustomizationText({ namespace: ["prod"], resources: ["release.yaml"] })}${VALUES}`,
    "flux/mail-prod.yaml": fluxText("mail-prod", "./apps/mail/prod"),
  }),
);

/** The same after both are opted in, one after the other. */
export function chartsOptedIn(): Files {
  return CHARTS.reduce(
    (files, { name }) =>
      applied(files, valueOf(optIn(groundOf(files), wishOf(`${name} canary-gateway-api gateway=public`))).files),
    BEFORE,
  );
}
