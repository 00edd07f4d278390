import { describe, expect, it } from "vitest";
import { name, type Name } from "../../src/core/names.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import { DEFAULT_PROMETHEUS, type Metrics, type ProviderSettings } from "../../src/ports/metrics.ts";
import type { ConfigReading } from "../../src/reconcile/readings.ts";
import { withTimelines } from "../../src/reconcile/timelines.ts";
import { inFlight, landingOf, member, MINUTE } from "../support/member.ts";

const NOW = landingOf(2) + 10 * MINUTE;

const of = (service: string, target = "prod") =>
  inFlight(2, { target: name(target), state: { service: name(service) } });

/** Every target has a provider at its own address; `nowhere` has none. Equal settings are never the same object. */
const config: ConfigReading = {
  problems: [],
  policyFor: () => ({ kind: "refused", problems: [] }),
  gateProvider: () => ({ kind: "refused", problems: [] }),
  metricsFor: (target: Name) =>
    target === "nowhere"
      ? { kind: "refused", problems: ["one", "two"] }
      : { kind: "read", value: { ...DEFAULT_PROMETHEUS, url: `https://${target}.example.com` } },
};

/** Answers every question with the windows' beginning as a reason, and tells who was asked for which services. */
function listening(answers: (services: readonly Name[]) => number = (services) => services.length) {
  const asked: string[] = [];
  const metrics = (settings: ProviderSettings): Metrics => ({
    timelines: (questions) => {
      const services = questions.map(({ service }) => service);
      asked.push(`${settings.url} ${services.join(" ")}`);
      return Promise.resolve(services.slice(0, answers(services)).map((service) => unavailable(`about ${service}`)));
    },
  });
  return { asked, metrics };
}

describe("the timelines of a look", () => {
  it("are asked of each provider at once, and each is its member's", async () => {
    const { asked, metrics } = listening();
    const members = [of("a"), of("b", "staging"), of("c"), of("d", "staging"), of("e")];
    const timelines = await withTimelines({ members, config }, metrics, NOW);
    expect(asked).toEqual(["https://prod.example.com a c e", "https://staging.example.com b d"]);
    expect(timelines.map(({ timeline }) => timeline)).toEqual(
      ["a", "b", "c", "d", "e"].map((service) => unavailable(`about ${service}`)),
    );
  });

  it("are not asked for of members that rest, nor of those without a provider", async () => {
    const { asked, metrics } = listening();
    const timelines = await withTimelines({ members: [member(), of("a", "nowhere")], config }, metrics, NOW);
    expect(asked).toEqual([]);
    expect(timelines.map(({ timeline }) => timeline)).toEqual([read([]), unavailable("one; two")]);
  });

  it("are not known of a member that the provider has left out", async () => {
    const { metrics } = listening(() => 1);
    const timelines = await withTimelines({ members: [of("a"), of("b")], config }, metrics, NOW);
    expect(timelines.map(({ timeline }) => timeline)).toEqual([
      unavailable("about a"),
      unavailable("The provider did not answer this question."),
    ]);
  });
});
