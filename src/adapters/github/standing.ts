import type { Permission, Standing } from "../../ports/forge.ts";
import type { Api } from "./api.ts";
import { ForgeError } from "./error.ts";

const NOTHING: Standing = { permission: "none", role: "none" };

/** What a person may do, by GitHub's live answer: none for a stranger and, logged, where GitHub may not say. Throws where it does not answer at all. */
export async function readStanding({ request, repo, log }: Api, login: string): Promise<Standing> {
  try {
    const route = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
    const { data } = await request(route, { ...repo, username: login });
    const { permission, role_name: role } = data;
    if (!isPermission(permission) || permission === "none") return NOTHING;
    // An older server does not know the finer roles.
    return { permission, role: role ?? permission };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    if (error.fault !== "gone")
      log.warn("A permission could not be looked up; it counts as none.", { login, because: error.message });
    return NOTHING;
  }
}

const TEAM = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/([a-z0-9][a-z0-9_-]{0,254})$/;

/** Whether a person is an active member of a team, `org/slug`, or of one below it; no, logged, where GitHub may not say. Throws where it does not answer at all. */
export async function isInTeam({ request, log }: Api, team: string, login: string): Promise<boolean> {
  const [, org, slug] = TEAM.exec(team) ?? [];
  if (org === undefined || slug === undefined) {
    log.warn("A team is not written as org/slug; nobody is in it.", { team });
    return false;
  }
  try {
    const route = "GET /orgs/{org}/teams/{team_slug}/memberships/{username}";
    const { data } = await request(route, { org, team_slug: slug, username: login });
    return data.state === "active";
  } catch (error) {
    if (!isAnswer(error)) throw error;
    // GitHub says the same of a stranger, of a team that is not there, and of one that the App may not see.
    const message = "A team membership could not be seen; it counts as none.";
    if (error.fault === "gone") log.info(message, { team, login });
    else log.warn(message, { team, login, because: error.message });
    return false;
  }
}

/** GitHub has answered, and not with a yes: nobody is waited for to say more. */
function isAnswer(error: unknown): error is ForgeError {
  return (
    error instanceof ForgeError && (error.fault === "gone" || error.fault === "forbidden" || error.fault === "invalid")
  );
}

// GitHub folds the finer roles into these: maintain into write, triage into read.
const PERMISSIONS: readonly Permission[] = ["admin", "write", "read", "none"];

function isPermission(value: string): value is Permission {
  return PERMISSIONS.some((permission) => permission === value);
}
