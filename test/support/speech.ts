import type { Command } from "../../src/core/commands.ts";
import type { Permission } from "../../src/core/permissions.ts";
import type { HeardComment, Place } from "../../src/core/snapshot.ts";

export type Saying = {
  readonly id?: number;
  readonly login?: string;
  readonly permission?: Permission;
  readonly place?: Place;
  readonly pull?: number;
  /** Milliseconds. */
  readonly at?: number;
  readonly on?: HeardComment["on"];
};

/** Long after whatever has landed. */
const LATER = Date.UTC(2026, 10, 21);

/** One comment of one command: on the open step's pull request, by somebody who may write, after the last step landed. */
export function says(command: Command, saying: Saying = {}): HeardComment {
  const {
    id = 900,
    login = "ana",
    permission = "write",
    place = { kind: "step" },
    pull = 4813,
    at = LATER,
    on,
  } = saying;
  const human = { login, permission, role: permission, teams: [], codeOwner: false, byBot: false };
  return { id, pull, at, on, place, human, commands: [command] };
}
