import { ForgeError } from "./error.ts";

/** Whether the effect of a failed write may be there all the same: no answer told, or GitHub says it is there already. */
export function isDoubtful(error: unknown): error is ForgeError {
  return error instanceof ForgeError && (error.fault === "transient" || error.fault === "invalid");
}

/** Writes once. Where the write fails and may have been done all the same, looks: what is done is no failure, anything else throws what the write threw. */
export async function unlessDone(write: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isDoubtful(error) || !(await isDone())) throw error;
  }
}
