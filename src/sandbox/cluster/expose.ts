import type { Labels } from "./kinds/manifest.ts";
import { isReady } from "./pod.ts";
import type { Pod } from "./pod.ts";
import { CONFIGURATION_LABEL, REVISION_LABEL } from "./revisions.ts";
import type { Exposed } from "./series-store.ts";
import { isUpdated } from "./workload.ts";
import type { Workload } from "./workload.ts";

/** Requests that a pod has answered through one Service with one code, since it started. */
export type RequestCounter = {
  readonly pod: Pod;
  readonly service: string;
  readonly code: string;
  readonly total: number;
};

/** Requests that NGINX has passed on for an Ingress; `canary` is empty for what went the main way. */
export type IngressCounter = {
  readonly namespace: string;
  readonly ingress: string;
  readonly service: string;
  readonly canary: string;
  readonly code: string;
  readonly total: number;
};

/** What kube-state-metrics exposes of Deployments, with the labels that it uses. */
export function deploymentState(workloads: Iterable<Workload>, now: number): readonly Exposed[] {
  return Array.from(workloads).flatMap((workload) => deploymentSeries(workload, now));
}

/** What kube-state-metrics exposes of pods. */
export function podState(pods: readonly Pod[], now: number): readonly Exposed[] {
  return pods.flatMap((pod) => podSeries(pod, now));
}

/** What Istio's sidecars expose of the requests that their pods answered; labels of the pods named in `podLabels` are added as the scrape would. */
export function istioRequests(
  counters: Iterable<RequestCounter>,
  pods: ReadonlyMap<string, Pod>,
  podLabels: readonly string[],
): readonly Exposed[] {
  return Array.from(counters, ({ pod, service, code, total }) =>
    exposed(
      "istio_requests_total",
      {
        ...chosen((pods.get(pod.uid) ?? pod).template.labels, podLabels),
        reporter: "destination",
        destination_service_name: service,
        destination_service_namespace: pod.namespace,
        destination_workload: pod.workload,
        destination_workload_namespace: pod.namespace,
        destination_version: pod.template.labels["version"] ?? "unknown",
        response_code: code,
        namespace: pod.namespace,
        pod: pod.name,
      },
      total,
    ),
  );
}

/** What Knative's queue-proxies send of the requests that their pods answered, with the attributes that Prometheus is told to promote. */
export function knativeRequests(counters: Iterable<RequestCounter>): readonly Exposed[] {
  return Array.from(counters).flatMap(({ pod, code, total }) => {
    const { [CONFIGURATION_LABEL]: configuration, [REVISION_LABEL]: revision } = pod.template.labels;
    if (configuration === undefined || revision === undefined) return [];
    const labels = {
      k8s_namespace_name: pod.namespace,
      k8s_pod_name: pod.name,
      kn_configuration_name: configuration,
      kn_revision_name: revision,
      http_response_status_code: code,
    };
    return [exposed("kn_serving_invocation_duration_seconds_count", labels, total)];
  });
}

/** What NGINX's ingress controller exposes. */
export function ingressRequests(counters: Iterable<IngressCounter>): readonly Exposed[] {
  return Array.from(counters, ({ namespace, ingress, service, canary, code, total }) =>
    exposed(
      "nginx_ingress_controller_requests",
      { namespace, ingress, service, status: code, ...(canary === "" ? {} : { canary }) },
      total,
    ),
  );
}

/** What Prometheus itself says of a scrape that succeeded. */
export function up(job: string): Exposed {
  return exposed("up", { job, instance: `${job}:8080` }, 1);
}

/** One series. */
export function exposed(name: string, labels: Labels, value: number): Exposed {
  return { labels: { __name__: name, ...labels }, value };
}

function deploymentSeries(workload: Workload, now: number): readonly Exposed[] {
  const { deployment, generation, pods } = workload;
  const labels = { namespace: deployment.namespace, deployment: deployment.name };
  return [
    exposed("kube_deployment_spec_replicas", labels, deployment.replicas),
    exposed("kube_deployment_status_replicas", labels, pods.length),
    exposed("kube_deployment_status_replicas_ready", labels, pods.filter((pod) => isReady(pod, now)).length),
    exposed("kube_deployment_status_replicas_updated", labels, pods.filter((pod) => isUpdated(workload, pod)).length),
    exposed("kube_deployment_metadata_generation", labels, generation),
    exposed("kube_deployment_status_observed_generation", labels, generation),
  ];
}

function podSeries(pod: Pod, now: number): readonly Exposed[] {
  const labels = { namespace: pod.namespace, pod: pod.name, uid: pod.uid };
  const condition = isReady(pod, now) ? "true" : "false";
  const images = pod.template.containers.map(({ name, image }) =>
    exposed("kube_pod_container_info", { ...labels, container: name, image, image_spec: image }, 1),
  );
  const readiness = ["true", "false", "unknown"].map((one) =>
    exposed("kube_pod_status_ready", { ...labels, condition: one }, one === condition ? 1 : 0),
  );
  return [...images, ...readiness];
}

// A name of Kubernetes' may have dots and dashes, which service discovery writes as underscores.
function chosen(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(
    names.flatMap((name) => (labels[name] === undefined ? [] : [[name.replaceAll(/\W/g, "_"), labels[name]]])),
  );
}
