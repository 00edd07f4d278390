import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 90_000;

/** Resolves when it is so; rejects with what was waited for when it has not come about for long, however busy the machine. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It did not come about: ${what}`);
    await sleep(15);
  }
}
