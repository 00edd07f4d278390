import type { Land } from "../core/action.ts";
import { landTogether } from "../core/together.ts";
import { textsOf, Unwritable, type Desk } from "./texts.ts";

/** What of a way back can be written, and why not the rest. */
export type Written = { readonly land: Land; readonly left: readonly Unwritable[] };

/** A way back of several members without those whose files cannot be edited: nobody's abort waits for another's. Throws Unwritable where nobody's can. */
export async function writable(action: Land, desk: Desk): Promise<Written> {
  if (action.alone === undefined) return { land: action, left: [] };
  const tried = await Promise.all(action.alone.map(async (land) => ({ land, failure: await failureOf(land, desk) })));
  const left = tried.flatMap(({ failure }) => failure ?? []);
  const [first, ...others] = tried.flatMap(({ land, failure }) => (failure === undefined ? [land] : []));
  if (first === undefined) throw new Unwritable(left.map(({ message }) => message).join("\n"));
  return left.length === 0 ? { land: action, left } : { land: landTogether([first, ...others]), left };
}

async function failureOf({ change }: Land, desk: Desk): Promise<Unwritable | undefined> {
  try {
    await textsOf(change, desk);
    return undefined;
  } catch (failure) {
    if (failure instanceof Unwritable) return failure;
    throw failure;
  }
}
