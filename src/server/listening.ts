import { UserError } from "../core/error.ts";

/** A place to listen at, and the variables that name it. */
export type Place = {
  readonly host: string;
  readonly port: number;
  readonly named: { readonly host: string; readonly port: string };
};

export type Listener = { readonly listen: (port: number, host: string) => Promise<number> };

/** Why the system lets nobody listen there, and what to do about it, by the code of its error. */
function refusalFor(code: unknown, { host, port }: Place["named"]): string | undefined {
  const refusals: ReadonlyMap<unknown, string> = new Map([
    ["EADDRINUSE", `another program listens there already. End that one, or name another port by ${port}.`],
    ["EACCES", `this user may not. Name another port by ${port}, such as one above 1023.`],
    [
      "EADDRNOTAVAIL",
      `this machine has no such address. Name another by ${host}, such as 0.0.0.0 for all that it has.`,
    ],
    ["ENOTFOUND", `no such name is known. Name another host or address by ${host}, such as 0.0.0.0.`],
  ]);
  return refusals.get(code);
}

/** Begins to listen where the operator said and resolves with the port; a place that cannot be had is a UserError. */
export async function listening(front: Listener, { host, port, named }: Place): Promise<number> {
  try {
    return await front.listen(port, host);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? refusalFor(error.code, named) : undefined;
    if (why === undefined) throw error;
    throw new UserError(`Tidegate cannot listen on port ${port} of ${host}: ${why}`, { cause: error });
  }
}
