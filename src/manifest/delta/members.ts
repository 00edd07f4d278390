import type { Member } from "../services/inventory.ts";
import type { Fleet, ImageInUse, ServiceTarget } from "../services/model.ts";
import { paired, type Paired } from "./paired.ts";

/** A service in a target, with all that is known of it on one side of a change. */
export type MemberAt = { readonly member: Member; readonly at: ServiceTarget };

/** The members of two fleets: by what they are called; then, as a new neighbour may give one another name, by the files that run it; then wherever they moved to. */
export function pairMembers(before: Fleet, after: Fleet): Paired<MemberAt> {
  return paired(membersOf(before), membersOf(after), [byName, byFiles, byCall]);
}

/** The members of a fleet. */
export function membersOf({ services }: Fleet): readonly MemberAt[] {
  return services.flatMap(({ name: service, home, targets }) =>
    targets.map((at) => ({ member: { service, home, target: at.name }, at })),
  );
}

function byName({ member: { service, home, target } }: MemberAt): string {
  return JSON.stringify([service, home, target]);
}

function byFiles({ at: { workloads, why } }: MemberAt): string {
  return JSON.stringify([why.files, workloads.map(({ kind, name, path }) => [kind, name, path])]);
}

function byCall({ member: { service, target } }: MemberAt): string {
  return JSON.stringify([service, target]);
}

/** The images of a member before with those after. */
export function pairUses(before: readonly ImageInUse[], after: readonly ImageInUse[]): Paired<ImageInUse> {
  return paired(before, after, [byImage, byBase, byFile]);
}

function byImage({ of, image }: ImageInUse): string {
  return JSON.stringify([of, image]);
}

// The same image from another registry, or of another owner.
function byBase({ of, image }: ImageInUse): string {
  return JSON.stringify([of, image?.slice(image.lastIndexOf("/") + 1)]);
}

function byFile({ of, set }: ImageInUse): string {
  return JSON.stringify([of, set.path]);
}
