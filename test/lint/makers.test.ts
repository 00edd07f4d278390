import * as fc from "fast-check";
import { expect, it } from "vitest";
import { madeBy, type Maker, type Wanted } from "../../src/lint/makers.ts";

const folder = fc.array(fc.constantFrom("apps", "a", "ap"), { maxLength: 3 }).map((parts) => parts.join("/"));
const word = fc.stringMatching(/^[ab]{0,3}$/);
const namespace = fc.constantFrom(undefined, "shop", "till");
const maker = fc.record({ namespace, folder, names: fc.array(word, { maxLength: 2 }) });

/** The rule as it is said, one maker after the other. */
function mayBring(maker: Maker, asked: string, { namespace: at, name }: Wanted): boolean {
  if (maker.namespace !== undefined && at !== undefined) return maker.namespace === at;
  const lies = (inner: string, outer: string) => inner === outer || (outer !== "" && inner.startsWith(`${outer}/`));
  const begins = (one: string) => one !== "" && (name.startsWith(one) || one.startsWith(name));
  return lies(asked, maker.folder) || lies(maker.folder, asked) || maker.names.some(begins);
}

it("an object may be brought where any maker by itself may bring it", () => {
  fc.assert(
    fc.property(fc.array(maker, { maxLength: 4 }), folder, namespace, word, (makers, at, where, name) => {
      const wanted = { namespace: where, name };
      expect(madeBy(makers)(at, wanted)).toBe(makers.some((one) => mayBring(one, at, wanted)));
    }),
    { numRuns: 500 },
  );
});
