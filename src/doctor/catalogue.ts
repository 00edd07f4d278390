import { APP_FINDINGS } from "./catalogue-app.ts";
import { RULES_FINDINGS } from "./catalogue-rules.ts";
import { TREE_FINDINGS } from "./catalogue-tree.ts";

/** Every finding there is, by its id. docs/doctor.md holds the same tables. */
export const CATALOGUE = { ...APP_FINDINGS, ...RULES_FINDINGS, ...TREE_FINDINGS };

export type FindingId = keyof typeof CATALOGUE;
