import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { at, changes, keyOf } from "../../bench/render-objects.ts";
import { findKustomize, render, type Json } from "../../bench/render-tools.ts";
import { workplace } from "../../bench/render-tree.ts";
import { name, sha } from "../../src/core/names.ts";
import type { ServiceState } from "../../src/core/state.ts";
import { readMember } from "../../src/manifest/member.ts";
import { takeInventory } from "../../src/manifest/services/inventory.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { shipped, templateIn } from "./facts.ts";

const ROOT = fileURLToPath(new URL("../../templates/", import.meta.url));
const LIBRARY = shipped();
const KUSTOMIZE = findKustomize();
const REVISION = sha("4f1c000000000000000000000000000000000000");
const PATIENCE = 120_000;

type Files = ReadonlyMap<string, string>;

const EXAMPLES = readdirSync(ROOT).filter((one) => readdirSync(`${ROOT}${one}`).includes("example"));

function filesOf(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  const files = paths.filter((path) => statSync(`${folder}/${path}`).isFile());
  return new Map(files.toSorted().map((path) => [path, readFileSync(`${folder}/${path}`, "utf8")]));
}

/** `first`: after the first of two steps, where there are two. */
type Opted = {
  readonly before: Files;
  readonly first: Files | undefined;
  readonly after: Files;
  readonly services: readonly string[];
  readonly states: readonly ServiceState[];
};

const ROLLOUTS = EXAMPLES.filter((one) => templateIn(LIBRARY, one).drive.kind === "rollout");
const KNATIVE = new Set(EXAMPLES.filter((one) => templateIn(LIBRARY, one).drive.router === "KnativeRoute"));
/** By these a Canary goes on that is there. */
const STANDING = EXAMPLES.filter((one) => templateIn(LIBRARY, one).drive.kind === "canary");
const ROUTES = EXAMPLES.filter((one) => !ROLLOUTS.includes(one) && !STANDING.includes(one));

/** A repository's files as opting in and out see them. */
function groundOf(files: Files) {
  const read = (path: string) => files.get(path);
  return { inventory: takeInventory(new Map(files), read), read, links: new Map<string, string>(), revision: REVISION };
}

function write(files: Map<string, string>, changed: ReadonlyMap<string, string | undefined>): void {
  for (const [path, text] of changed) {
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  }
}

/** The repository of an example before and after what its `commands.txt` says. */
function opted(example: string): Opted {
  const before = filesOf(`${ROOT}${example}/example/input`);
  const commands = readFileSync(`${ROOT}${example}/example/commands.txt`, "utf8").trimEnd().split("\n");
  const after = new Map(before);
  let first: Files | undefined;
  const services = new Set<string>();
  const states = commands.flatMap((command) => {
    if (command.startsWith("#")) {
      first = new Map(after);
      return [];
    }
    const [words, rest = ""] = command.split(" --template ");
    const [service = "", ...given] = (words ?? "").replace("npx tidegate opt-in ", "").split(" ");
    const pairs = given.map((one): [string, string] => [
      one.slice(0, one.indexOf("=")),
      one.slice(one.indexOf("=") + 1),
    ]);
    const conversion = valueOf(
      optIn(groundOf(after), {
        service,
        targets: undefined,
        template: templateIn(LIBRARY, rest.replace(" --write", "")),
        parameters: new Map(pairs),
        namespace: undefined,
      }),
    );
    write(after, conversion.files);
    services.add(conversion.service);
    expect(conversion.first.length > 0).toBe(conversion.state === undefined);
    return conversion.state ?? [];
  });
  return { before, first, after, services: [...services], states };
}

describe("the examples of shipped templates", () => {
  it("are there for all that services can be opted in by", () => {
    expect(EXAMPLES).toEqual([...LIBRARY.templates.keys()].toSorted());
  });

  it.each(EXAMPLES)("%s: opting in writes exactly the output (vitest -u writes it anew)", async (example) => {
    const { before, first, after } = opted(example);
    const stages =
      first === undefined
        ? [["output", after] as const]
        : ([
            ["first", first],
            ["output", after],
          ] as const);
    for (const [folder, files] of stages) {
      const written = [...files].filter(([path, text]) => before.get(path) !== text);
      const output = `${ROOT}${example}/example/${folder}`;
      for (const [path, text] of written) await expect(text).toMatchFileSnapshot(`${output}/${path}`);
      // Written when the tests end, where it is new.
      if (existsSync(output)) expect([...filesOf(output).keys()]).toEqual(written.map(([path]) => path).toSorted());
      expect([...before.keys()].filter((path) => !files.has(path))).toEqual([]);
    }
  });

  it.each(EXAMPLES)("%s: what is written is read as it was meant", (example) => {
    const { before, after, states } = opted(example);
    for (const { service, targets, template } of states) {
      expect(template).toEqual({ name: example, revision: REVISION });
      for (const state of targets.values()) {
        const member = valueOf(readMember(after, state, name(service)));
        const canary = ROUTES.includes(example) ? { replicas: 0, deployment: `${service}-canary` } : {};
        expect(member).toMatchObject({
          weight: 0,
          canary: { ...canary, image: state.stable },
          stable: { deployment: STANDING.includes(example) ? `${service}-primary` : service, image: state.stable },
        });
        expect(member.canary.template).toBe(member.stable.template);
      }
    }
    const services = (files: Files) =>
      takeInventory(new Map(files), (path) => files.get(path)).fleet.services.map(
        (one) => `${one.name} in ${one.targets.map((target) => target.name).join(", ")}`,
      );
    expect(services(after)).toEqual(services(before));
  });
});

describe("opting out of the examples", () => {
  it.each(EXAMPLES)("%s: gives back the files from before, byte for byte", (example) => {
    const { before, first, after, services } = opted(example);
    const files = new Map(after);
    const leave = () => {
      for (const service of services.toReversed())
        write(files, valueOf(optOut(groundOf(files), { service, targets: undefined })).files);
    };
    leave();
    if (first !== undefined) {
      expect(Object.fromEntries(files)).toEqual(Object.fromEntries(first));
      leave();
    }
    expect(Object.fromEntries(files)).toEqual(Object.fromEntries(before));
  });
});

describe.skipIf(KUSTOMIZE === undefined)(
  "what kustomize renders of the examples (skipped without kustomize and kubectl)",
  () => {
    const places: (() => void)[] = [];
    afterEach(() => {
      for (const remove of places.splice(0)) remove();
    });

    async function rendered(files: Files, folder: string): Promise<readonly Json[]> {
      const place = workplace(files);
      places.push(place.remove);
      if (KUSTOMIZE === undefined) throw new Error("The test is skipped without the program.");
      const done = await render(KUSTOMIZE, place.folder, [folder]);
      if (done.kind === "failed") throw new Error(done.said);
      return done.objects;
    }

    it.each(ROUTES)(
      "%s: the canary without pods and its route are new, and nothing else differs",
      async (example) => {
        const { before, after } = opted(example);
        const folder = "apps/checkout/overlays/prod";
        const [was, is] = [await rendered(before, folder), await rendered(after, folder)];
        const keys = new Set(was.map(keyOf));
        const added = is.filter((object) => !keys.has(keyOf(object)));
        expect(
          changes(
            was,
            is.filter((object) => keys.has(keyOf(object))),
          ),
        ).toEqual([]);
        // A Configuration of Knative's has no number of pods, and no Service.
        const { kind, replicas, services } = KNATIVE.has(example)
          ? { kind: "Configuration", replicas: undefined, services: 0 }
          : { kind: "Deployment", replicas: 0, services: 1 };
        const canary = added.find((object) => keyOf(object).includes(`/${kind}/`));
        expect(at(canary ?? null, "metadata", "name")).toBe("checkout-canary");
        expect(at(canary ?? null, "spec", "replicas")).toBe(replicas);
        expect(added.every((object) => at(object, "metadata", "namespace") === "shop")).toBe(true);
        expect(added.filter((object) => at(object, "kind") === "Service").map(keyOf)).toHaveLength(services);
      },
      PATIENCE,
    );

    it.each(STANDING)(
      "%s: two lists of the Canary differ, and nothing else",
      async (example) => {
        const { before, after } = opted(example);
        const folder = "apps/checkout/overlays/prod";
        const changed = changes(await rendered(before, folder), await rendered(after, folder));
        expect(changed).not.toEqual([]);
        const lists = /\/Canary\/shop\/checkout \/spec\/analysis\/(?:stepWeights|webhooks)(?:\/|$)/;
        expect(changed.filter((one) => !lists.test(one))).toEqual([]);
      },
      PATIENCE,
    );

    it.each(ROLLOUTS)(
      "%s: the Rollout is new beside all that there was, then it has the pods, and nothing else differs",
      async (example) => {
        const { before, first, after } = opted(example);
        const folder = "apps/checkout/overlays/prod";
        const [was, beside, is] = [
          await rendered(before, folder),
          await rendered(first ?? before, folder),
          await rendered(after, folder),
        ];
        const kept = (one: Json) => was.some((object) => keyOf(object) === keyOf(one));
        expect(changes(was, beside.filter(kept))).toEqual([]);
        expect(beside.filter((one) => !kept(one)).every((one) => at(one, "metadata", "namespace") === "shop")).toBe(
          true,
        );
        const [besides, now] = [beside, is].map((all) => all.find((one) => at(one, "kind") === "Rollout") ?? null);
        expect([besides, now].map((one) => at(one ?? null, "spec", "replicas"))).toEqual([6, 6]);
        expect(Object.keys(at(besides ?? null, "spec", "strategy", "canary") ?? {})).not.toContain("steps");
        expect(changes(was, is.filter(kept))).toEqual([
          expect.stringContaining("Deployment/shop/checkout /spec/replicas"),
        ]);
      },
      PATIENCE,
    );
  },
);
