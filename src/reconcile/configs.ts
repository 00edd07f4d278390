import type { Sha } from "../core/names.ts";
import type { GitReader } from "../ports/git.ts";
import type { Base } from "../ports/shared.ts";
import { CONFIG_PATH, type ConfigReading, type Readings } from "./readings.ts";

/** What configurations are read with. */
export type ConfigSight = {
  readonly git: Pick<GitReader, "read">;
  readonly readings: Pick<Readings, "baseOf" | "config" | "extended" | "configByItself">;
};

/** The configuration at a commit, laid over what it extends now: that goes for old versions of it as well. */
export async function configAt(sight: ConfigSight, commit: Sha): Promise<ConfigReading> {
  const blob = (await sight.git.read(commit, [CONFIG_PATH])).get(CONFIG_PATH);
  return sight.readings.config(blob, await baseAt(sight, commit));
}

/** The same by itself, where it extends anything: what takes releases back must not depend on another repository. */
export async function configByItselfAt(sight: ConfigSight, commit: Sha): Promise<readonly ConfigReading[]> {
  if ((await baseAt(sight, commit)).kind === "none") return [];
  const blob = (await sight.git.read(commit, [CONFIG_PATH])).get(CONFIG_PATH);
  return [sight.readings.configByItself(blob)];
}

async function baseAt({ git, readings }: ConfigSight, commit: Sha): Promise<Base> {
  const blob = (await git.read(commit, [CONFIG_PATH])).get(CONFIG_PATH);
  return readings.baseOf(readings.extended(blob));
}
