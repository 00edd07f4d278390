/** What GitHub's live look-up says a person may do; `none` also when the look-up fails. */
export type Permission = "admin" | "write" | "read" | "none";
