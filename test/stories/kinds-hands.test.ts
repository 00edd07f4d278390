import { dirname } from "node:path/posix";
import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { edit, landBump, setWeight } from "../support/story-plot.ts";
import { gateOf, liveOf, livePath, planOf, weightsInGit } from "../support/story-reads.ts";
import { withWeight } from "../support/route-hands.ts";
import {
  ALL_KINDS,
  asEach,
  each,
  eachImage,
  isLiveAt,
  landAll,
  ofEach,
  SERVICES,
  SHORT,
  untilAllRest,
  weighs,
  type Reading,
} from "./kinds-world.ts";
import { told, UNHURRIED } from "./told.ts";

it.concurrent(
  "a newer version that lands all the same takes every kind to 0, and then starts",
  UNHURRIED,
  told({ ...ALL_KINDS, config: { ...SHORT, waves: "[{ targets: [prod], steps: [25], bake: 6s }]" } }, async (story) => {
    await landAll(story, "1.1.0");
    await asEach(story, "25% are live", isLiveAt(25), async (service) => {
      const second = await landBump(story, { service, version: "1.2.0" });
      expect(planOf(story, second).conclusion).toBe("action_required");
      expect(await story.weight(service)).toBe(0);
    });
    await untilAllRest(story);
    expect(await ofEach((service) => weightsInGit(story, service))).toEqual(each([0, 25, 0, 25, 0]));
    expect(await ofEach(async (service) => (await livePath(story, service)).shares)).toEqual(each([0, 25, 0, 25, 0]));
    expect(await ofEach((service) => liveOf(story, service).stable[0])).toEqual(eachImage("1.2.0"));
  }),
);

/** What somebody adds to a route of each kind: a rule, and for NGINX another Ingress and a word for testers. */
const FOREIGN: { readonly [service: string]: (text: string) => string } = {
  catalog: (text) =>
    `${text}    # ana's
    - matches: [{ path: { type: PathPrefix, value: /old } }]
      backendRefs: [{ name: legacy, port: 8080, weight: 7 }]
`,
  checkout: (text) =>
    text.replace(
      "  http:\n",
      "  http:\n    - match: [{ uri: { prefix: /old } }] # ana's\n      route: [{ destination: { host: legacy.attic.svc.cluster.local }, weight: 100 }]\n",
    ),
  payments: (text) => `${text}    - name: attic # ana's\n      labels: { track: attic }\n`,
  search: (text) =>
    `${text.replace("  annotations:\n", '  annotations:\n    nginx.ingress.kubernetes.io/canary-by-header: "x-tester" # ana\'s\n')}---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: legacy, namespace: shop }
spec: { defaultBackend: { service: { name: legacy, port: { number: 80 } } } }
`,
};

it.concurrent(
  "what a person changes in a route of every kind is seen, and what is not the share stays byte for byte",
  UNHURRIED,
  told(ALL_KINDS, async (story) => {
    await landAll(story, "1.1.0");
    await asEach(story, "5% are live", isLiveAt(5), async (service) => {
      await setWeight(story, "ana", service, 3);
    });
    expect(await ofEach((service) => gateOf(story, service).title.split(" by ana")[0])).toEqual(
      each("Held: the weight was lowered from 5% to 3%"),
    );
    await story.pass(10_000);
    expect(await ofEach((service) => weightsInGit(story, service))).toEqual(each([0, 5, 3]));
    for (const service of SERVICES) await setWeight(story, "ana", service, 5);
    const written = new Map<string, string>();
    for (const service of SERVICES) {
      await edit(story, "ana", pathsOf(service).route, FOREIGN[service] ?? ((text) => text));
      written.set(service, await story.file(pathsOf(service).route));
    }
    await asEach(story, "git has 25%", weighs(25), async (service) => {
      expect(await story.file(pathsOf(service).route)).toBe(withWeight(written.get(service) ?? "", service, 25));
    });
    await untilAllRest(story);
    const atLast = await ofEach((service) => story.file(pathsOf(service).route));
    expect(atLast).toEqual(await ofEach((service) => withWeight(written.get(service) ?? "", service, 0)));
    expect(await ofEach(async (service) => (await livePath(story, service)).shares)).toEqual(
      each([0, 5, 3, 5, 25, 50, 0]),
    );
    expect(await ofEach((service) => liveOf(story, service).stable[0])).toEqual(eachImage("1.1.0"));
  }),
);

it.concurrent(
  "where the cluster does not follow, every kind waits as syncing, says so when it takes too long, and goes on once it follows",
  UNHURRIED,
  async () => {
    const unfollowed = new Set<string>();
    const policy = (folder: string) => (unfollowed.has(folder) ? ({ sync: "manual" } as const) : {});
    const saysGate =
      (title: RegExp, conclusion?: string): Reading =>
      (story, service) => {
        const gate = gateOf(story, service);
        return gate.conclusion === conclusion && title.test(gate.title);
      };
    await told({ ...ALL_KINDS, config: { deadline: "30s" }, policy }, async (story) => {
      await landAll(story, "1.1.0");
      await asEach(story, "5% are live", isLiveAt(5), async (service) => {
        unfollowed.add(dirname(pathsOf(service).route));
      });
      const waiting = /^Syncing: [45](\.\d)?% of [\d,]+ requests went to the canary, 25% is committed/;
      await asEach(story, "it waits as syncing", saysGate(waiting));
      await asEach(story, "it says that it takes too long", saysGate(/^Not seen live by /, "action_required"));
      expect(await ofEach((service) => story.weight(service))).toEqual(each(25));
      expect(await ofEach((service) => liveOf(story, service).weight)).toEqual(each(5));
      unfollowed.clear();
      await untilAllRest(story);
      expect(await ofEach(async (service) => (await livePath(story, service)).shares)).toEqual(each([0, 5, 25, 50, 0]));
      expect(await ofEach((service) => liveOf(story, service).stable[0])).toEqual(eachImage("1.1.0"));
    })();
  },
);
