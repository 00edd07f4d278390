import { expect, it } from "vitest";
import { flyTo, landBump, openBump, say, untilRest, untilWeight } from "../support/story-plot.ts";
import { checkOn, conclusionOf, gateOf, leafOf, mergedSteps, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const TEMPLATE = `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: success-rate
spec:
  args:
    - name: service-name
    - name: namespace
    - name: least
      value: "0.95"
  dryRun:
    - metricName: strict
    - metricName: error-rate
  metrics:
    - name: success
      interval: 1s
      count: 3
      failureLimit: 1
      successCondition: len(result) > 0 && result[0] >= {{args.least}}
      failureCondition: len(result) > 0 && result[0] < {{args.least}}
      provider:
        prometheus:
          query: |
            sum(rate(istio_requests_total{
              reporter="destination",destination_service_name="{{args.service-name}}",
              destination_workload_namespace="{{args.namespace}}",response_code!~"5.*"}[2s]))
            /
            sum(rate(istio_requests_total{
              reporter="destination",destination_service_name="{{args.service-name}}",
              destination_workload_namespace="{{args.namespace}}"}[2s]))
    - name: error-rate
      interval: 1s
      count: 1
      successCondition: result[0] <= 0.95
      provider: { prometheus: { query: vector(1) } }
    - name: strict
      interval: 1s
      count: 2
      successCondition: result[0] >= 2
      provider:
        prometheus:
          query: sum(rate(istio_requests_total{destination_service_name="{{args.service-name}}"}[2s])) / sum(rate(istio_requests_total[2s]))
`;
const PATH = "analysis/success-rate.yaml";
const GATES = JSON.stringify({
  // So tolerant that what takes the release back is the template.
  errors: { tolerance: 9, regression: 10, unhealthy: 0.9, slo: 0.5 },
  templates: ["analysis"],
  analysis: [{ template: "success-rate", args: { "service-name": "{canary}", namespace: "{namespace}" } }],
});
const BAD = imageOf("checkout", "2.0.0");

it.concurrent(
  "a template of Argo's, as it is, promotes what is good over a restart and takes back what is not; what cannot be a gate is said before it lands",
  UNHURRIED,
  told(
    {
      faults: new Map([[BAD, { kind: "addedErrors", rate: 0.08 }]]),
      files: new Map([[PATH, TEMPLATE]]),
      config: { gates: GATES, waves: "[{ targets: [prod], steps: [25], bake: 2s }]" },
    },
    async (story) => {
      await landBump(story, { service: "checkout", version: "1.1.0" });
      await untilWeight(story, "checkout", 25);
      await story.restart(() => story.pass(2_000));
      await untilRest(story, "checkout");
      expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0]);
      expect(await story.state("checkout")).toMatchObject({
        targets: { prod: { stable: imageOf("checkout", "1.1.0") } },
      });
      const promote = mergedSteps(story, "checkout").find((step) => leafOf(step) === "2-promote");
      const check = promote && checkOn(story, promote, "tidegate/gate");
      expect(check?.output.title).toContain("success-rate: success 3 of 3 good");
      expect(check?.output.summary).toMatch(/\| success \| Successful \|.*\| 3 \(3 measurements wanted\) \|/);
      expect(check?.output.summary).toMatch(/\| strict \(dry run\) \| Failed \|/);

      await landBump(story, { service: "checkout", version: "2.0.0" });
      await untilRest(story, "checkout");
      const { blocked } = await story.state("checkout");
      expect(blocked).toEqual([
        expect.objectContaining({
          image: BAD,
          by: "gate",
          reason: "the analysis success-rate found that success failed",
        }),
      ]);
      expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0, 25, 0]);

      await story.push("ana", { [PATH]: TEMPLATE.replace("- name: least", "- name: most") }, "Break the template");
      const bump = await openBump(story, { service: "checkout", version: "2.1.0" });
      await story.settle();
      const plan = checkOn(story, bump, "tidegate/plan")?.output.summary;
      expect(plan).toContain(`${PATH}:`);
      expect(plan).toContain("it passes where half of the requests fail");
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: bump.number, method: "squash" });
      await story.pass(3_000);
      expect(gateOf(story, "checkout").title).toContain(`Held: ${PATH}:`);
      expect(stepOf(story, "checkout")?.leaf).toBe("0-warmup");
      await story.push("ana", { [PATH]: TEMPLATE }, "Mend the template");
      await untilWeight(story, "checkout", 25);
    },
  ),
);

const METRIC_TEMPLATE = `apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata:
  name: availability
spec:
  provider:
    type: prometheus
  query: |
    sum(rate(istio_requests_total{
      reporter="destination",destination_workload_namespace="{{ namespace }}",
      destination_workload="{{ target }}",response_code!~"{{ variables.codes }}"}[{{ interval }}]))
    /
    sum(rate(istio_requests_total{
      reporter="destination",destination_workload_namespace="{{ namespace }}",destination_workload="{{ target }}"}[{{ interval }}]))
`;
const UNLIKE_ARMS = JSON.stringify({
  errors: { tolerance: 9, regression: 10, unhealthy: 0.9, slo: 0.5 },
  latency: "off",
  templates: ["metrics"],
  analysis: [
    {
      template: "availability",
      thresholdRange: { min: 0.99 },
      interval: "2s",
      threshold: 2,
      variables: { codes: "5.*" },
    },
  ],
  // A canary at 25 % has a third of stable's requests, whatever it runs.
  gauges: [
    {
      name: "load",
      query:
        'sum(rate(istio_requests_total{reporter="destination",destination_service_name="{arm}",destination_workload_namespace="{namespace}"}[2s]))',
      worse: "lower",
      calibration: { threshold: 0.5, usual: 0.1, low: -0.1 },
    },
  ],
});

it.concurrent(
  "a template of Flagger's takes back what answers too few requests well, and a gauge what it finds worse, unless a person has left them out by name",
  UNHURRIED,
  told(
    {
      faults: new Map([
        [imageOf("checkout", "1.1.0"), { kind: "addedErrors", rate: 0.025 }],
        [BAD, { kind: "addedErrors", rate: 0.025 }],
      ]),
      files: new Map([["metrics/availability.yaml", METRIC_TEMPLATE]]),
      config: { gates: UNLIKE_ARMS, waves: "[{ targets: [prod], steps: [25], bake: 5s }]" },
    },
    async (story) => {
      const skips = async (version: string, ...words: readonly string[]) => {
        await flyTo(story, { service: "checkout", version }, "1-25");
        // What is said in the second of a landing may have meant the step that landed.
        await story.pass(1_000);
        const said = words.map((word) => `/skip ${word}`).join("\n");
        const comment = await say(story, "ana", stepOf(story, "checkout")?.number, said);
        expect(await story.reactions(comment)).toEqual(["+1"]);
      };

      await skips("1.1.0", "availability its codes are wrong", "gauges the arms have unlike shares");
      await untilRest(story, "checkout");
      expect(await weightsInGit(story, "checkout")).toEqual([0, 25, 0]);
      const promote = mergedSteps(story, "checkout").find((step) => leafOf(step) === "2-promote");
      const check = promote && checkOn(story, promote, "tidegate/gate");
      expect(check && conclusionOf(check)).toBe("success");
      expect(check?.output.summary).toMatch(/\| availability \| Failed \|/);
      expect(check?.output.title).toContain("availability failed: availability");

      await skips("2.0.0", "gauges the arms have unlike shares");
      await untilRest(story, "checkout");
      await landBump(story, { service: "checkout", version: "2.1.0" });
      await untilRest(story, "checkout");
      const { blocked } = await story.state("checkout");
      expect(blocked.map(({ image, by, reason }) => [image, by, reason])).toEqual([
        [BAD, "gate", "the analysis availability found that availability failed"],
        [imageOf("checkout", "2.1.0"), "gate", "the canary's load is lower than stable's"],
      ]);
    },
  ),
);
