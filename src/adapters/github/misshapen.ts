import { ForgeError } from "./error.ts";

/** An answer of success that does not say what it should, as a proxy gives one: what became of the request is not known. */
export function misshapen(what: string): ForgeError {
  return new ForgeError(what, "GitHub's answer is of another shape", { fault: "transient", status: 0 });
}
