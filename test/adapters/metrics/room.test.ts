import { describe, expect, it } from "vitest";
import { roomFor } from "../../../src/adapters/metrics/room.ts";

/** Work that ends when it is told to, by name. */
function works(most: number) {
  const room = roomFor(most);
  const begun: string[] = [];
  const ends = new Map<string, (how: "done" | "failed") => void>();
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    begun,
    settled,
    ask: (name: string, windows: number) =>
      room(windows, () => {
        begun.push(name);
        return new Promise<string>((resolve, reject) => {
          ends.set(name, (how) => (how === "done" ? resolve(name) : reject(new Error(name))));
        });
      }),
    end: async (name: string, how: "done" | "failed" = "done") => {
      ends.get(name)?.(how);
      await settled();
    },
  };
}

describe("room for windows", () => {
  it("is given in the order of asking, to as many as fit", async () => {
    const { ask, begun, end, settled } = works(1_000);
    const all = ["a", "b", "c", "d"].map((name) => ask(name, 500));
    await settled();
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
    for (const name of ["a", "c", "d"]) await end(name);
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
  });

  it("is one's alone who needs more than there is, and who came before goes first", async () => {
    const { ask, begun, end, settled } = works(1_000);
    const all = [ask("large", 5_000), ask("next", 300), ask("larger", 9_000), ask("last", 300)];
    await settled();
    expect(begun).toEqual(["large"]);
    await end("large");
    expect(begun).toEqual(["large", "next"]);
    await end("next");
    expect(begun).toEqual(["large", "next", "larger"]);
    await end("larger");
    await end("last");
    expect(await Promise.all(all)).toEqual(["large", "next", "larger", "last"]);
  });

  it("is not waited for by a few windows", async () => {
    const { ask, begun, end, settled } = works(1_000);
    const all = [ask("large", 5_000), ask("waits", 300), ask("few", 200)];
    await settled();
    expect(begun.toSorted()).toEqual(["few", "large"]);
    for (const name of ["few", "large", "waits"]) await end(name);
    expect(await Promise.all(all)).toEqual(["large", "waits", "few"]);
  });

  it("is given back by what fails", async () => {
    const { ask, begun, end, settled } = works(1_000);
    const failing = ask("fails", 1_000);
    const after = ask("after", 1_000);
    await settled();
    const failed = failing.catch(String);
    await end("fails", "failed");
    expect(await failed).toBe("Error: fails");
    expect(begun).toEqual(["fails", "after"]);
    await end("after");
    expect(await after).toBe("after");
  });
});
