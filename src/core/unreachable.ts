/** Makes a switch over a union exhaustive: a new variant does not compile until it has a case. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable: ${JSON.stringify(value)}`);
}
