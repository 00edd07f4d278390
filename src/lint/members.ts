import { isStatePath, parseState } from "../config/state-file.ts";
import type { Manifest } from "../core/manifest.ts";
import { filesOf } from "../core/manifests.ts";
import type { TargetState } from "../core/state.ts";
import { readMember } from "../manifest/member.ts";
import type { World } from "./world.ts";

/** A service under Tidegate in a target, with what its files say; undefined where they cannot be read, which is not for a linter to tell. */
export type Member = {
  readonly at: TargetState;
  readonly files: readonly string[];
  readonly manifest: Manifest | undefined;
};

/** Every service that is under Tidegate, in each of its targets. */
export function membersIn({ inventory: { listing }, read }: World): readonly Member[] {
  return [...listing.keys()].filter(isStatePath).flatMap((path) => {
    const text = read(path);
    const state = text === undefined ? undefined : parseState({ path, text });
    if (state?.kind !== "ok") return [];
    return [...state.value.targets.values()].map((at) => {
      const files = filesOf(at.manifests);
      const texts = new Map(files.flatMap((one) => textOf(one, read(one))));
      const manifest = readMember(texts, at, state.value.service);
      return { at, files, manifest: manifest.kind === "ok" ? manifest.value : undefined };
    });
  });
}

function textOf(path: string, text: string | undefined): readonly (readonly [string, string])[] {
  return text === undefined ? [] : [[path, text]];
}
