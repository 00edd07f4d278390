import { describe, expect, it } from "vitest";
import type { VersionFault } from "../../../../src/sandbox/cluster/traffic.ts";
import { deployment, lab } from "../lab.ts";

// Flagger at 15bd6ad5. Each case names the file and the function that it follows.
type Hook =
  | "confirm-rollout"
  | "confirm-traffic-increase"
  | "confirm-promotion"
  | "pre-rollout"
  | "rollout"
  | "rollback";

type Shape = {
  readonly version?: string;
  /** Of the target; Flagger's to say where it is left out. */
  readonly replicas?: number;
  readonly weights?: string;
  /** Hooks whose URL refuses. */
  readonly closed?: readonly Hook[];
  readonly provider?: string;
  readonly threshold?: number;
  /** More of the Canary, lines of its spec. */
  readonly more?: string;
};

const GATES = ["confirm-rollout", "confirm-traffic-increase", "confirm-promotion"] as const;

/** A Deployment of no number of replicas, and its Canary. */
function flagged({ version = "1", weights = "[]", closed = GATES, threshold = 1, ...of }: Shape = {}): string {
  const hooks = closed.map((type) => `{ name: ${type}, type: ${type}, url: "http://127.0.0.1:9/" }`);
  const canary = `
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: checkout, namespace: shop }
spec:
  provider: ${of.provider ?? "istio"}
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: checkout }
  service: { port: 80 }
  analysis: { interval: 10s, threshold: ${threshold}, stepWeights: ${weights}, webhooks: [${hooks.join(", ")}] }
${of.more ?? ""}`;
  return [deployment(version, of.replicas), canary].join("\n---\n");
}

/** The same of version 1, initialized. */
async function atRest(shape: Shape = {}, settings: Parameters<typeof lab>[1] = {}) {
  const world = lab(flagged(shape), settings);
  await world.to(0);
  await world.to(30);
  let now = shape;
  const commit = async (next: Shape, seconds = 60) => {
    now = { ...now, ...next };
    world.commit(flagged(now));
    await world.after(seconds);
  };
  const phase = () => world.cluster.snapshot().canaries[0]?.phase;
  const pods = (name: string) => {
    const [route] = world.cluster.snapshot().routes;
    const arm = route?.backends.find(({ service }) => service === `checkout-${name}`);
    return arm?.pods.map(({ image, ready }) => `${ready} ${image.replace("r/checkout:", "")}`).join(", ");
  };
  const seen = () => [phase(), pods("canary"), pods("primary"), world.path("checkout").at(-1)];
  return { ...world, push: world.commit, commit, phase, pods, seen };
}

/** Version 2 at weight 25, waiting for its promotion. */
async function atWeight(settings: Parameters<typeof lab>[1] = {}) {
  const world = await atRest({}, settings);
  await world.commit({ version: "2" });
  await world.commit({ closed: ["confirm-promotion"], weights: "[25]" });
  return world;
}

describe("a Canary that is new", () => {
  // pkg/canary/deployment_controller.go createPrimaryDeployment, ScaleToZero; pkg/router/kubernetes_default.go; pkg/controller/scheduler.go setPhaseInitialized
  it.each(["istio", "gatewayapi:v1"])(
    "has a second Deployment serve, and its own none, behind %s",
    async (provider) => {
      const world = await atRest({ provider });
      expect(world.seen()).toEqual(["Initialized", "", "1 1", 0]);
      expect(world.cluster.snapshot().routes.map(({ name, kind }) => [name, kind])).toEqual([
        ["checkout", provider === "istio" ? "VirtualService" : "HTTPRoute"],
      ]);
    },
  );
});

describe("a new version", () => {
  // pkg/controller/scheduler_hooks.go runConfirmRolloutHooks: before anything is scaled
  it("gets no pods while a confirm-rollout hook refuses", async () => {
    const world = await atRest();
    await world.commit({ version: "2" }, 300);
    expect(world.seen()).toEqual(["Waiting", "", "1 1", 0]);
  });

  // pkg/controller/scheduler_hooks.go runConfirmTrafficIncreaseHooks
  it("gets its pods and no traffic while a confirm-traffic-increase hook refuses", async () => {
    const world = await atRest();
    await world.commit(
      { version: "2", weights: "[25]", closed: ["confirm-traffic-increase", "confirm-promotion"] },
      300,
    );
    expect(world.seen()).toEqual(["Progressing", "1 2", "1 1", 0]);
  });

  // pkg/controller/scheduler.go nextStepWeight
  it("gets its pods and no traffic while the list of weights is empty, whatever hooks say", async () => {
    const world = await atRest();
    await world.commit({ version: "2", closed: [] }, 300);
    expect(world.seen()).toEqual(["Progressing", "1 2", "1 1", 0]);
  });

  // pkg/controller/scheduler_hooks.go runConfirmPromotionHooks
  it("stays at the last weight while a confirm-promotion hook refuses", async () => {
    const world = await atWeight();
    await world.after(300);
    expect(world.seen()).toEqual(["WaitingPromotion", "1 2", "1 1", 25]);
    expect(world.path("checkout")).toEqual([0, 25]);
  });

  // pkg/controller/scheduler.go advanceCanary: confirm-traffic-increase is not asked while promotion is waited for
  it("follows a list that grows, and waits again, whatever confirm-traffic-increase says", async () => {
    const world = await atWeight();
    await world.commit({ weights: "[25, 50]", closed: GATES });
    expect(world.seen()).toEqual(["WaitingPromotion", "1 2", "1 1", 50]);
    expect(world.path("checkout")).toEqual([0, 25, 50]);
  });

  it("jumps to all by a list that lacks its weight", async () => {
    const world = await atWeight();
    await world.commit({ weights: "[40, 50]" });
    expect(world.path("checkout").at(-1)).toBe(100);
  });

  it("keeps its weight under a list that is shorter, and under an empty one", async () => {
    const world = await atWeight();
    await world.commit({ weights: "[5]" });
    await world.commit({ weights: "[]" });
    expect(world.path("checkout")).toEqual([0, 25]);
  });

  // pkg/canary/deployment_controller.go Promote; pkg/controller/scheduler.go runPromotionTrafficShift, advanceCanary
  it("is promoted where no confirm-promotion hook is there: it serves, and its own pods go", async () => {
    const world = await atWeight();
    await world.commit({ closed: ["confirm-rollout", "confirm-traffic-increase"] });
    expect(world.seen()).toEqual(["Succeeded", "", "1 2", 0]);
    expect(world.path("checkout")).toEqual([0, 25, 0]);
    await world.commit({ closed: GATES, weights: "[]" }, 120);
    expect(world.seen()).toEqual(["Succeeded", "", "1 2", 0]);
  });

  // pkg/controller/scheduler.go shouldSkipAnalysis
  it("is promoted at once where the analysis is skipped, whatever hooks say but the first", async () => {
    const world = await atRest();
    await world.commit({ version: "2", closed: ["confirm-promotion"], more: "  skipAnalysis: true" });
    expect(world.seen()).toEqual(["Succeeded", "", "1 2", 0]);
  });

  it("moves nothing while it is suspended", async () => {
    const world = await atRest();
    await world.commit({ version: "2", closed: [], weights: "[25]", more: "  suspend: true" });
    expect(world.seen()).toEqual(["Initialized", "", "1 1", 0]);
  });
});

describe("another version under way", () => {
  // pkg/controller/scheduler.go hasCanaryRevisionChanged: the weight goes to 0 before hooks are asked
  it("loses the weight at once, and gets none while confirm-traffic-increase refuses", async () => {
    const world = await atWeight();
    await world.commit({ closed: GATES });
    await world.commit({ version: "3" }, 300);
    expect(world.seen()).toEqual(["Progressing", "1 3", "1 1", 0]);
    expect(world.path("checkout")).toEqual([0, 25, 0]);
  });

  // pkg/controller/scheduler.go nextStepWeight: at 0 it goes on by the first of the list
  it("gets none by a list that begins with 0, and what is under way goes on by it", async () => {
    const world = await atWeight();
    await world.commit({ weights: "[0, 25, 50]" });
    expect(world.path("checkout")).toEqual([0, 25, 50]);
    await world.commit({ version: "3" }, 300);
    expect(world.seen()).toEqual(["Progressing", "1 3", "1 1", 0]);
    await world.commit({ closed: ["confirm-rollout"] }, 120);
    expect(world.seen()).toEqual(["Progressing", "1 3", "1 1", 0]);
  });

  it("runs up to the last weight of the list where that hook is not there", async () => {
    const world = await atWeight();
    await world.commit({ version: "3" });
    expect(world.seen()).toEqual(["WaitingPromotion", "1 3", "1 1", 25]);
    expect(world.path("checkout")).toEqual([0, 25, 0, 25]);
  });

  // pkg/canary/spec.go hasSpecChanged: what was promoted last is no change
  it("that is the one promoted last is none: the weight stays, under pods of it", async () => {
    const world = await atWeight();
    await world.commit({ version: "1", closed: GATES, weights: "[]" }, 300);
    expect(world.seen()).toEqual(["WaitingPromotion", "1 1", "1 1", 25]);
  });

  // pkg/controller/scheduler.go hasCanaryRevisionChanged asks in Progressing and WaitingPromotion alone
  it("gets the weight that is left where the one before is being promoted, and is not promoted with it", async () => {
    const world = await atWeight();
    await world.commit({ closed: ["confirm-rollout", "confirm-traffic-increase"] }, 11);
    expect(world.phase()).toBe("Promoting");
    await world.commit({ version: "3" }, 120);
    expect(world.seen()).toEqual(["Waiting", "", "1 2", 0]);
  });
});

describe("a version that is taken back", () => {
  // pkg/controller/scheduler.go runAnalysis, advanceCanary, rollback
  it("by a refused rollout hook loses its weight and its pods after as many looks as the threshold has, and one", async () => {
    const world = await atWeight();
    await world.commit({ closed: [...GATES, "rollout"], weights: "[]" }, 31);
    expect(world.seen()).toEqual(["Failed", "", "1 1", 0]);
    expect(world.path("checkout")).toEqual([0, 25, 0]);
  });

  it("waits for more failed checks where the threshold is more", async () => {
    const world = await atWeight();
    await world.commit({ closed: [...GATES, "rollout"], threshold: 10 }, 60);
    expect(world.phase()).toBe("WaitingPromotion");
    await world.after(60);
    expect(world.phase()).toBe("Failed");
  });

  // pkg/controller/scheduler_hooks.go runPreRolloutHooks
  it("at weight 0 by a refused pre-rollout hook", async () => {
    const world = await atRest();
    await world.commit({ version: "2", closed: ["confirm-traffic-increase"], weights: "[25]" });
    await world.commit({ closed: [...GATES, "pre-rollout"] });
    expect(world.seen()).toEqual(["Failed", "", "1 1", 0]);
  });

  // pkg/controller/scheduler_hooks.go runRollbackHooks: one that refuses takes nothing back
  it("not by a refused rollback hook", async () => {
    const world = await atWeight();
    await world.commit({ closed: ["confirm-promotion", "rollback"] });
    expect(world.phase()).toBe("WaitingPromotion");
  });

  // pkg/canary/deployment_ready.go isDeploymentReady: hooks are asked after the pods
  it("not while its pods are not ready, and then by the deadline, whatever git says", async () => {
    const broken = new Map([["r/checkout:2", { kind: "neverReady" }]] as const);
    const world = await atRest({ more: "  progressDeadlineSeconds: 60" }, { faults: broken });
    await world.commit({ version: "2", closed: ["confirm-traffic-increase"] });
    await world.commit({ closed: [...GATES, "pre-rollout"] }, 20);
    expect(world.phase()).toBe("Progressing");
    await world.after(60);
    expect(world.phase()).toBe("Failed");
  });

  // pkg/canary/deployment_ready.go isDeploymentReady: one of many leaves the Deployment available, which is tried again without end
  it("not at all while one of its many pods is not ready, until the version promoted last takes their place", async () => {
    const faults = new Map<string, VersionFault>();
    const world = await atWeight({ faults });
    await world.commit({ replicas: 4 });
    faults.set("r/checkout:2", { kind: "neverReady" });
    await world.commit({ replicas: 5 });
    await world.commit({ closed: [...GATES, "rollout"], weights: "[]" }, 2_000);
    expect(world.seen()).toEqual(["WaitingPromotion", "4 2", "1 1", 25]);
    await world.commit({ version: "1" });
    expect(world.seen()).toEqual(["Failed", "", "1 1", 0]);
  });

  // pkg/controller/scheduler.go handleFailedPromotion, advanceCanary: the version promoted last is no change, another one is
  it("after what serves has not got ready keeps all of the traffic until another version lands, which gives it to what serves", async () => {
    const faults = new Map<string, VersionFault>();
    const more = "  progressDeadlineSeconds: 60";
    const world = await atRest({ more }, { faults });
    await world.commit({ version: "2" });
    await world.commit({ closed: ["confirm-promotion"], weights: "[25]" });
    faults.set("r/checkout:2", { kind: "neverReady" });
    await world.commit({ closed: ["confirm-rollout"] }, 120);
    expect(world.seen()).toEqual(["Failed", "1 2", "1 1, 0 2", 100]);
    await world.commit({ version: "1", closed: [...GATES, "rollout"], weights: "[]" }, 120);
    expect(world.seen()).toEqual(["Failed", "1 1", "1 1, 0 2", 100]);
    await world.commit({ version: "3" }, 120);
    expect(world.seen()).toEqual(["Failed", "", "1 1, 0 2", 0]);
  });

  // pkg/controller/scheduler.go shouldAdvance, pkg/canary/spec.go hasSpecChanged
  it("starts no more, and neither does the one before; another one does", async () => {
    const world = await atWeight();
    await world.commit({ closed: [...GATES, "rollout"], weights: "[]" });
    await world.commit({ closed: [] }, 60);
    expect(world.phase()).toBe("Failed");
    await world.commit({ version: "1" }, 60);
    expect(world.phase()).toBe("Failed");
    await world.commit({ version: "3" }, 60);
    expect(world.seen()).toEqual(["Progressing", "1 3", "1 1", 0]);
  });
});
