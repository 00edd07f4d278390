import type { Ingress } from "./adapters/http/ingress.ts";
import { UserError } from "./core/error.ts";
import type { Settings } from "./settings.ts";

/** Why the system lets nobody listen there, and what to do about it, by the code of its error. */
const REFUSALS: ReadonlyMap<unknown, string> = new Map([
  ["EADDRINUSE", "another program listens there already. End that one, or name another port by PORT."],
  ["EACCES", "this user may not. Name another port by PORT, such as one above 1023."],
  ["EADDRNOTAVAIL", "this machine has no such address. Name another by HOST, such as 0.0.0.0 for all that it has."],
  ["ENOTFOUND", "no such name is known. Name another host or address by HOST, such as 0.0.0.0."],
]);

/** Begins to listen where the operator said and resolves with the port; a place that cannot be had is a UserError. */
export async function listening(
  front: Pick<Ingress, "listen">,
  { HOST: host, PORT: port }: Pick<Settings, "HOST" | "PORT">,
): Promise<number> {
  try {
    return await front.listen(port, host);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? REFUSALS.get(error.code) : undefined;
    if (why === undefined) throw error;
    throw new UserError(`Tidegate cannot listen on port ${port} of ${host}: ${why}`, { cause: error });
  }
}
