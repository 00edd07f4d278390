import { lettersApart } from "../core/closest.ts";

/** What people call these variables who have run other Apps, and slips that are further off than two letters. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  REDIS_URL: "QUEUE_URL",
  GITHUB_APP_ID: "APP_ID",
  GITHUB_APP_PRIVATE_KEY: "PRIVATE_KEY",
  GITHUB_PRIVATE_KEY: "PRIVATE_KEY",
  GITHUB_APP_PRIVATE_KEY_PATH: "PRIVATE_KEY_PATH",
  GITHUB_WEBHOOK_SECRET: "WEBHOOK_SECRET",
  GHE_HOST: "GITHUB_URL",
};

/** A variable that is set and not read, and the one that was probably meant, which is not set. */
export type Misnamed = { readonly written: string; readonly known: string };

/** The variables of an environment that look like a slip of the pen in one that is read (`names`) and not set. */
export function misnamed(written: readonly string[], names: readonly string[]): readonly Misnamed[] {
  const open = names.filter((name) => !written.includes(name));
  return written
    .filter((name) => !names.includes(name))
    .flatMap((name) => {
      const other = OTHER_NAMES[name];
      const known = open.find((candidate) => candidate === other || isSlip(name, candidate));
      return known === undefined ? [] : [{ written: name, known }];
    });
}

// An environment is full of other programs' names: PGPORT is no slip, WEBHOOK_SECERT is one.
function isSlip(written: string, name: string): boolean {
  const most = name.length < 8 ? 1 : 2;
  return Math.abs(written.length - name.length) <= most && lettersApart(written, name) <= most;
}
