import { describe, expect, it } from "vitest";
import { deliveryFrom, sync } from "../../../src/sandbox/cluster/delivery.ts";
import type { Applied } from "../../../src/sandbox/cluster/delivery.ts";

const NOTHING: Applied = { revision: undefined, applications: new Map() };

const service = (name: string) => `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: {}\n`;

const head = (sha: string, files: Record<string, string>) => ({ sha, files: new Map(Object.entries(files)) });

const namesIn = ({ applications }: Applied, folder: string) =>
  applications.get(folder)?.objects.map(({ object }) => object.name);

describe("sync", () => {
  it("applies each folder, and takes away what is gone", () => {
    const first = sync(
      NOTHING,
      head("1", { "apps/a/x.yaml": service("x"), "apps/a/y.yaml": service("y"), "apps/b/z.yaml": service("z") }),
    );
    expect([namesIn(first, "apps/a"), namesIn(first, "apps/b")]).toEqual([["x", "y"], ["z"]]);
    const second = sync(first, head("2", { "apps/a/x.yaml": service("x") }));
    expect([namesIn(second, "apps/a"), namesIn(second, "apps/b")]).toEqual([["x"], undefined]);
  });

  it("keeps a whole folder as it was where one file is refused, and applies the others", () => {
    const first = sync(NOTHING, head("1", { "apps/a/x.yaml": service("x"), "apps/b/z.yaml": service("z") }));
    const second = sync(
      first,
      head("2", { "apps/a/x.yaml": service("new"), "apps/a/y.yaml": "a: [", "apps/b/z.yaml": service("newer") }),
    );
    expect([namesIn(second, "apps/a"), namesIn(second, "apps/b")]).toEqual([["x"], ["newer"]]);
    expect(second.applications.get("apps/a")?.problem).toBeTypeOf("string");
    expect(second.applications.get("apps/b")?.problem).toBeUndefined();
  });
});

describe("sync of what could not be rendered", () => {
  it("keeps a folder as it was, says why, and takes what is there when it can be again", () => {
    const whole = head("1", { "apps/a/x.yaml": service("x") });
    const broken = sync(sync(NOTHING, whole), {
      ...head("2", {}),
      broken: new Map([["apps/a", "it does not render"]]),
    });
    expect(namesIn(broken, "apps/a")).toEqual(["x"]);
    expect(broken.applications.get("apps/a")?.problem).toBe("it does not render");
    const mended = sync(broken, { ...whole, sha: "3" });
    expect(mended.applications.get("apps/a")).toMatchObject({ revision: "3", problem: undefined });
    expect(namesIn(mended, "apps/a")).toEqual(["x"]);
  });
});

describe("deliveryFrom", () => {
  it("applies what a poll saw after the delay, in order, and polls no more often than it should", async () => {
    let polls = 0;
    let sha = "1";
    const source = () => {
      polls += 1;
      return Promise.resolve(head(sha, { "a/x.yaml": service(`s${sha}`) }));
    };
    const delivery = deliveryFrom(source, { pollMs: 10, syncDelayMs: 25 });
    const seen: (string | undefined)[] = [];
    for (let now = 0; now <= 60; now += 5) {
      if (now === 15) sha = "2";
      if (now === 25) sha = "3";
      seen.push((await delivery.at(now)).revision);
    }
    expect(seen.map((one) => one ?? "-").join("")).toBe("-----11112233");
    expect(polls).toBe(7);
  });

  it("runs on while git cannot be read, and says so", async () => {
    let isDown = false;
    const source = () => (isDown ? Promise.reject(new Error("no answer")) : Promise.resolve(head("1", {})));
    const delivery = deliveryFrom(source, { pollMs: 10, syncDelayMs: 0 });
    expect(await delivery.at(0)).toMatchObject({ revision: "1", unread: undefined });
    isDown = true;
    expect(await delivery.at(10)).toMatchObject({ revision: "1", unread: "Error: no answer" });
    isDown = false;
    expect(await delivery.at(20)).toMatchObject({ revision: "1", unread: undefined });
  });
});
