import { ForgeError } from "./error.ts";

/** Writes once. Where the write fails and may have been done all the same, looks: what is done is no failure, anything else throws what the write threw. */
export async function unlessDone(write: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if ((await foundAfter(error, async () => (await isDone()) || undefined)) === undefined) throw error;
  }
}

/** What a look finds after a write failed; undefined where the write had surely no effect, and where the look fails too: what is thrown must be about the write. */
export async function foundAfter<T>(error: unknown, look: () => Promise<T | undefined>): Promise<T | undefined> {
  if (!isDoubtful(error)) return undefined;
  return look().catch((failure: unknown) => {
    if (failure instanceof ForgeError) return undefined;
    throw failure;
  });
}

// No answer told whether it was done, or GitHub says that it is there already.
function isDoubtful(error: unknown): error is ForgeError {
  return error instanceof ForgeError && (error.fault === "transient" || error.fault === "invalid");
}
