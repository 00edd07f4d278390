import { describe, expect, it } from "vitest";
import type { ApplicationPolicy, SyncNotice } from "../../../src/sandbox/cluster/application.ts";
import { BESIDE_ROLLOUTS, noticesOf, UNSYNCED } from "../../../src/sandbox/cluster/application.ts";
import { edited } from "../../../src/sandbox/cluster/json.ts";
import type { JsonObject } from "../../../src/sandbox/cluster/json.ts";
import { SERVICES, deployment, httpRoute, lab, routed, steps } from "./lab.ts";

// Argo CD at 37ee009. Each case names the file and the function that it follows.
const FOLDER = "apps/shop";
const CHECKOUT = { namespace: "shop", name: "checkout" };
const shop = (replicas: number | undefined, version = "1") =>
  [SERVICES, httpRoute(), deployment(version, replicas)].join("\n---\n");

const scaledTo = (replicas: number) => (manifest: JsonObject) => edited(manifest, ["spec", "replicas"], () => replicas);

/** A Deployment of two, ten seconds old, whose folder is followed by a policy that may change. */
async function followed(first: Partial<ApplicationPolicy>, text = shop(2)) {
  let policy = first;
  const world = lab(text, { policy: () => policy });
  await world.to(0);
  await world.to(10);
  return {
    ...world,
    become: (next: Partial<ApplicationPolicy>) => {
      policy = next;
    },
    replicas: () => world.cluster.object("Deployment", CHECKOUT)?.["spec"],
    application: () => world.cluster.snapshot().applications.get(FOLDER),
  };
}

describe("automated sync", () => {
  it("follows git, and says what it has synced", async () => {
    const world = await followed({});
    expect(world.application()).toEqual({ revision: "0", status: "Synced" });
    world.commit(shop(3));
    await world.after(1);
    expect(world.replicas()).toMatchObject({ replicas: 3 });
    expect(world.application()).toEqual({ revision: "1", status: "Synced" });
  });

  // controller/appcontroller.go requestAppRefresh
  it("looks at git at once when somebody presses Refresh", async () => {
    const world = lab(shop(2), { pollMs: 60_000 });
    await world.to(0);
    world.commit(shop(3));
    await world.to(30);
    expect(world.cluster.object("Deployment", CHECKOUT)).toMatchObject({ spec: { replicas: 2 } });
    world.cluster.refresh();
    await world.after(1);
    expect(world.cluster.object("Deployment", CHECKOUT)).toMatchObject({ spec: { replicas: 3 } });
  });

  // controller/appcontroller.go autoSync: without a policy for it nothing happens by itself
  it("that is off waits until somebody presses Sync", async () => {
    const world = await followed({ sync: "manual" });
    expect(world.application()).toEqual({ revision: undefined, status: "OutOfSync" });
    expect(world.cluster.snapshot().routes).toEqual([]);
    world.cluster.sync(FOLDER);
    await world.after(1);
    expect(world.application()).toEqual({ revision: "0", status: "Synced" });
    world.commit(shop(3));
    await world.after(60);
    expect(world.replicas()).toMatchObject({ replicas: 2 });
    world.become({});
    await world.after(1);
    expect(world.replicas()).toMatchObject({ replicas: 3 });
  });

  // controller/appcontroller.go (SyncWindows.CanSync before autoSync), controller/sync.go syncWindowPreventsSync: a pressed sync waits, too
  it("waits for its window, and so does whoever presses Sync", async () => {
    const world = await followed({});
    world.become({ window: "closed" });
    world.commit(shop(3));
    world.cluster.sync(FOLDER);
    await world.after(60);
    expect(world.replicas()).toMatchObject({ replicas: 2 });
    expect(world.application()).toEqual({ revision: "0", status: "OutOfSync" });
    world.become({ window: "open" });
    await world.after(1);
    expect(world.replicas()).toMatchObject({ replicas: 3 });
  });

  it("stays on a pinned commit until it is released", async () => {
    const world = await followed({});
    world.commit(shop(3));
    await world.after(1);
    world.become({ pinned: "0" });
    await world.after(1);
    expect(world.replicas()).toMatchObject({ replicas: 2 });
    world.commit(shop(5));
    await world.after(60);
    expect(world.replicas()).toMatchObject({ replicas: 2 });
    world.become({});
    await world.after(1);
    expect(world.replicas()).toMatchObject({ replicas: 5 });
  });

  it("says that a pinned commit is not there, and leaves all as it is", async () => {
    const world = await followed({});
    world.become({ pinned: "gone" });
    world.commit(shop(3));
    await world.after(10);
    expect(world.replicas()).toMatchObject({ replicas: 2 });
    expect(world.cluster.snapshot().problems.get(FOLDER)).toContain("gone");
  });

  it("takes away what git does not say any more", async () => {
    const world = await followed({});
    world.commit(SERVICES);
    await world.after(1);
    expect(world.cluster.object("Deployment", CHECKOUT)).toBeUndefined();
    expect(world.values("kube_pod_container_info")).toEqual([]);
  });
});

describe("a field that somebody changes in the cluster", () => {
  // controller/appcontroller.go autoSync, alreadyAttemptedSync: the same commit is synced again only to heal
  it("stays without self-heal, until the next commit", async () => {
    const world = await followed({});
    world.cluster.edit("Deployment", CHECKOUT, scaledTo(7));
    await world.after(60);
    expect(world.replicas()).toMatchObject({ replicas: 7 });
    expect(world.application()).toMatchObject({ status: "OutOfSync" });
    world.commit(`${shop(2)}\n---\n`);
    await world.after(1);
    expect(world.replicas()).toMatchObject({ replicas: 2 });
  });

  it("is put back with self-heal", async () => {
    const world = await followed({ selfHeal: "on" });
    world.cluster.edit("Deployment", CHECKOUT, scaledTo(7));
    await world.after(0.2);
    expect(world.replicas()).toMatchObject({ replicas: 2 });
  });

  // controller/appcontroller.go selfHealRemainingBackoff: 2 s, 6 s, 18 s, … after the first
  it("is put back ever more slowly", async () => {
    const world = await followed({ selfHeal: "on" });
    const heal = async () => {
      world.cluster.edit("Deployment", CHECKOUT, scaledTo(7));
      await world.after(0.1);
      for (let tenths = 1; ; tenths += 1) {
        if (JSON.stringify(world.replicas()).includes('"replicas":2')) return tenths / 10;
        await world.after(0.1);
      }
    };
    const waits = [await heal(), await heal(), await heal(), await heal()];
    expect(waits.map(Math.round)).toEqual([0, 2, 6, 18]);
  });

  it("stays with self-heal where it is ignored, and where git does not name it", async () => {
    const ignored = [{ kind: "Deployment" as const, name: "checkout", fields: ["/spec/replicas"] }];
    for (const world of [
      await followed({ selfHeal: "on", ignored }),
      await followed({ selfHeal: "on" }, shop(undefined)),
    ]) {
      world.cluster.edit("Deployment", CHECKOUT, scaledTo(7));
      await world.after(60);
      expect(world.replicas()).toMatchObject({ replicas: 7 });
      expect(world.application()).toMatchObject({ status: "Synced" });
    }
  });

  // controller/sync.go SyncAppState (normalizeTargetResources): any sync writes ignored fields, too, unless it is told to respect them
  it.each([
    ["no", 2],
    ["yes", 7],
  ] as const)(
    "and is ignored survives a sync for another reason only where that is respected: %s",
    async (respectIgnored, left) => {
      const ignored = [{ kind: "Deployment" as const, fields: ["/spec/replicas"] }];
      const world = await followed({ ignored, respectIgnored });
      world.cluster.edit("Deployment", CHECKOUT, scaledTo(7));
      await world.after(1);
      world.commit(shop(2, "2"));
      await world.after(1);
      expect(world.replicas()).toMatchObject({ replicas: left });
      expect(JSON.stringify(world.replicas())).toContain("r/checkout:2");
    },
  );
});

describe("what Argo CD tells of syncs", () => {
  // notifications_catalog/triggers/on-sync-succeeded.yaml and on-sync-failed.yaml: of every commit once
  it("is that one has succeeded, or failed, and nothing where nothing was done", async () => {
    const told: string[] = [];
    const notify = async ({ folder, revision, outcome }: SyncNotice) =>
      void told.push(`${folder} ${revision} ${outcome}`);
    let policy: Partial<ApplicationPolicy> = { selfHeal: "on" };
    const world = lab(shop(2), { policy: () => policy, notify });
    await world.to(1);
    world.cluster.edit("Deployment", CHECKOUT, scaledTo(7));
    await world.after(5);
    world.commit(shop(2));
    await world.after(5);
    expect(told).toEqual([`${FOLDER} 0 success`]);
    policy = { sync: "manual" };
    world.commit(shop(3));
    await world.after(5);
    expect(told).toHaveLength(1);
    world.cluster.sync(FOLDER);
    await world.after(5);
    expect(told).toEqual([`${FOLDER} 0 success`, `${FOLDER} 2 success`]);
  });

  it.each([
    ["a sync that failed", { before: UNSYNCED, after: { ...UNSYNCED, failed: "1" } }, ["failure"]],
    ["it once", { before: { ...UNSYNCED, failed: "1" }, after: { ...UNSYNCED, failed: "1" } }, []],
    [
      "one that succeeded after it",
      { before: { ...UNSYNCED, failed: "1" }, after: { ...UNSYNCED, revision: "2" } },
      ["success"],
    ],
  ])("is %s", (_, change, outcomes) => {
    expect(noticesOf(FOLDER, change, 0).map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});

describe("a router's weights beside a Rollout", () => {
  const path = async (policy: Partial<ApplicationPolicy>) => {
    const world = await followed(policy, routed({ steps: steps(0, 0) }));
    world.commit(routed({ version: "2", steps: steps(0, 25) }));
    await world.after(10);
    world.commit(routed({ version: "2", steps: steps(25, 50) }));
    await world.after(10);
    return world.path("checkout");
  };

  it("are git's for a moment after each commit, unless the policy leaves them alone", async () => {
    expect(await path({})).toEqual([0, 25, 0, 25, 50]);
    expect(await path({ ...BESIDE_ROLLOUTS, selfHeal: "on" })).toEqual([0, 25, 50]);
  });

  it("fight with an application that heals itself and ignores nothing", async () => {
    const shares = await path({ selfHeal: "on" });
    expect(shares.filter((share) => share === 0).length).toBeGreaterThan(2);
  });
});
