import { describe, expect, it } from "vitest";
import { problemText } from "../../src/config/document.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { requestsOf } from "../../src/config/requests.ts";
import { DATA_PLANES } from "../../src/core/data-planes.ts";

const read = (...lines: readonly string[]) => {
  const head = ["version: 1", "metrics:", "  prod:", "    prometheus:", "      url: https://prometheus.example.com"];
  const text = [...head, "      requests:", ...lines.map((line) => `        ${line}`), ""].join("\n");
  const parsed = parseRepoConfig({ path: ".github/tidegate.yml", text });
  if (parsed.kind === "err") return parsed.error.map(problemText);
  const requests = parsed.value.config.metrics["prod"]?.prometheus?.requests;
  return requests && requestsOf(requests);
};

const at = (line: number, rest: string) => [`.github/tidegate.yml:${line}: metrics.prod.prometheus.requests${rest}`];

describe("requests of a data plane", () => {
  it.each(Object.entries(DATA_PLANES))("%s are counted as its name says", (plane, { requests, latency }) => {
    expect(read(`dataPlane: ${plane}`)).toEqual({ ...requests, ...(latency && { latency }) });
  });

  it("are counted as is written besides", () => {
    expect(
      read(
        "dataPlane: nginx",
        "namespace: exported_namespace",
        "arm: exported_service",
        "version: image_tag",
        "where: { cluster: eu }",
        'failed: { label: status, matches: "5..|499" }',
      ),
    ).toEqual({
      latency: DATA_PLANES.nginx.latency,
      ...DATA_PLANES.nginx.requests,
      namespaceLabel: "exported_namespace",
      arm: { label: "exported_service", forms: ["{arm}"] },
      versionLabel: "image_tag",
      where: { cluster: "eu" },
      failed: { label: "status", matches: "5..|499" },
    });
  });

  it("keep the form of a label that is called otherwise", () => {
    expect(read("dataPlane: traefik", "arm: exported_service", "counter: tr_requests_total")).toEqual({
      latency: DATA_PLANES.traefik.latency,
      ...DATA_PLANES.traefik.requests,
      counter: "tr_requests_total",
      arm: { label: "exported_service", forms: DATA_PLANES.traefik.requests.arm.forms },
    });
  });

  it("keep further labels that are not written over", () => {
    const { where } = DATA_PLANES.istio.requests;
    expect(read("dataPlane: istio", "where: { mesh_id: one }")).toMatchObject({ where: { ...where, mesh_id: "one" } });
    expect(read("dataPlane: istio", "where: { reporter: source }")).toMatchObject({ where: { reporter: "source" } });
  });
});

describe("what cannot be counted by is told with its line", () => {
  it.each([
    ["a slip", ["dataPlane: treafik"], at(7, ".dataPlane is unknown: did you mean traefik?")],
    [
      "a stranger",
      ["dataPlane: netscaler"],
      at(7, `.dataPlane is unknown: known are ${Object.keys(DATA_PLANES).join(", ")}.`),
    ],
    [
      "one that does not count by arm",
      ["dataPlane: envoy-gateway"],
      at(
        7,
        ".dataPlane cannot be envoy-gateway, which counts all backends of a rule as one cluster (internal/ir/xds.go, NeedsClusterPerSetting): count in the pods, with dataPlane: pods.",
      ),
    ],
    [
      "a label of workloads where only Services are told",
      ["dataPlane: contour", "workload: deployment"],
      at(8, ".workload does not go with contour, which counts by Service alone."),
    ],
    [
      "a label of Services where only workloads are told",
      ["dataPlane: linkerd", "arm: service"],
      at(8, ".arm does not go with linkerd, which counts by workload alone."),
    ],
    [
      "a label of namespaces where another holds them",
      ["dataPlane: traefik", "namespace: namespace"],
      at(8, ".namespace does not go with traefik, whose label service holds the namespace."),
    ],
    ["a key that is none", ["dataPlane: istio", "arms: x"], at(8, ".arms is unknown: did you mean arm?")],
    ["a metric that is none", ["dataPlane: istio", "counter: sum(x)"], at(8, ".counter must be the name of a metric.")],
  ])("%s", (_, lines, problems) => {
    expect(read(...lines)).toEqual(problems);
  });

  it("all that is missing where no data plane is named", () => {
    const missing = "is missing: write it, or dataPlane.";
    expect(read("arm: service")).toEqual([
      ...at(7, `.counter ${missing}`),
      ...at(7, `.namespace ${missing}`),
      ...at(7, `.failed ${missing}`),
    ]);
  });
});
