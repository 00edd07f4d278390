import fc from "fast-check";

// Laws search elsewhere in every run, but in CI: there a change is judged by what it changes, and a red run can be played again as it was.
const seed = process.env["TIDEGATE_LAWS_SEED"];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
