import { optIn } from "../../src/opt-in/opt-in.ts";
import { valueOf } from "../manifest/builders.ts";
import type { LayoutService } from "./layout-files.ts";
import { applicationText, deploymentTemplate, kustomizationText, serviceText } from "./layout-texts.ts";
import { applied, groundOf, wishOf, type Files } from "./opt-in-ground.ts";

/** A chart of the repository that an Application of Argo CD's brings. */
export const CHART: LayoutService = { name: "search", layout: "helm", targets: ["prod"], bumps: "overlay" };

const NAME = "{{ .Release.Name }}";
const INSTANCE = "app.kubernetes.io/instance: {{ .Release.Name }}";

/** What people have. */
export const BEFORE: Files = new Map(
  Object.entries({
    "apps/search/chart/Chart.yaml": "apiVersion: v2\nname: search\nversion: 1.3.0\n",
    "apps/search/chart/values.yaml":
      'replicaCount: 1\nimage:\n  repository: registry.example.com/shop/search\n  tag: ""\nlevel: info\n',
    "apps/search/chart/templates/all.yaml": [
      deploymentTemplate(NAME, {
        labels: INSTANCE,
        replicas: "{{ .Values.replicaCount }}",
        image: '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
      }),
      serviceText(NAME, INSTANCE),
    ].join("---\n"),
    "apps/search/prod/values.yaml": '# What runs in prod.\nreplicaCount: 4\nimage:\n  tag: "1.0.0" # bumped by a bot\n',
    "clusters/search-prod.yaml": applicationText({
      name: "search-prod",
      target: "prod",
      path: "apps/search/chart",
      release: "search",
      values: ["../prod/values.yaml"],
    }),
    "clusters/kustomization.yaml": kustomizationText({ resources: ["search-prod.yaml"] }),
  }),
);

/** The same after it is opted in. */
export function chartOptedIn(): Files {
  const { files } = valueOf(optIn(groundOf(BEFORE), wishOf("search canary-gateway-api gateway=public")));
  return applied(BEFORE, files);
}
