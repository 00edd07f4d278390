import { owns } from "../../core/ownership.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Claim, RolloutFiles } from "../../core/state.ts";
import { kustomizationOf } from "../../manifest/kustomize/evaluate.ts";
import { giveBackPromotion } from "../../manifest/routers/rollout-promotion.ts";
import { giveBackSteps } from "../../manifest/routers/rollout-steps.ts";
import { folderOf, within } from "../../manifest/services/paths.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { withoutEntries } from "../entries.ts";
import { leavingDoubt, remarksOnStrange, underWay, type Leaving, type Left } from "../leaving.ts";
import type { Code, Ground, Refused, Remark } from "../model.ts";
import { refused } from "../refused.ts";
import { waitingFor } from "../rollout-out.ts";
import { KEYS } from "./rollout-texts.ts";
import { unrecorded } from "./unrecorded.ts";

/** What people had is there again; refused while another version than stable's waits, which that would move by itself. */
export function leave(ground: Ground, leaving: Leaving): Result<Left, readonly Refused[]> | undefined {
  const { state, target, at: member } = leaving;
  const { manifests } = member;
  if (manifests.layout !== "rollout") return undefined;
  const isPatch = manifests.of !== undefined && owns(state, manifests.rollout);
  const claimed = state.claims.find((one) => one.path === manifests.rollout && isKey(one.at));
  if (!isPatch && claimed === undefined) return undefined;
  const moving = underWay(leaving) ?? waitingFor(ground, leaving, manifests);
  if (moving !== undefined) return err([refused("release", target, moving)]);
  return claimed === undefined ? unpatched(ground, leaving, manifests) : givenBack(ground, leaving, claimed);
}

function isKey(place: string): boolean {
  return Object.values(KEYS).includes(place);
}

/** What stood in the Rollout's own file is written back. */
function givenBack(
  ground: Ground,
  { target, at: member }: Leaving,
  { path, at, was }: Claim,
): Result<Left, readonly Refused[]> {
  if (was === undefined) return err([unrecorded(target, path)]);
  const file = fileAt(ground.read, path);
  const back = (at === KEYS.canary ? giveBackSteps : giveBackPromotion)(file, member, was);
  if (back.kind === "err") return err([refused("edited", target, back.error)]);
  return ok({
    files: new Map([[path, back.value]]),
    remarks: remarksOnLeft(target, path),
    owned: [],
    isStanding: true,
  });
}

/** The owned patch goes, and the Rollout is rendered as its own file says again. */
function unpatched(
  ground: Ground,
  { target }: Leaving,
  { rollout, of }: RolloutFiles,
): Result<Left, readonly Refused[]> {
  const no = (code: Code, refusal: Refusal) => err([refused(code, target, refusal)]);
  const folder = folderOf(rollout);
  const entered = carriedIn(ground, folder);
  if (entered === undefined)
    return no("edited", { path: rollout, line: 1, found: `no kustomization with ${folder}`, why: "its entry is gone" });
  const { file, text } = entered;
  const gone = [rollout, within(folder, "arms.yaml")].filter((path) => ground.read(path) !== undefined);
  const files = new Map<string, string | undefined>([
    [file.path, text],
    ...gone.map((path) => [path, undefined] as const),
  ]);
  const wrong = leavingDoubt(ground, file, { files, mayChange: ({ path }) => path === of });
  if (wrong !== undefined) return no("proof", wrong);
  const strange = remarksOnStrange(ground, target, { files, owned: `${folder}/` });
  return ok({
    files,
    remarks: [...remarksOnLeft(target, rollout), ...strange],
    owned: [`${folder}/`],
    isStanding: true,
  });
}

/** The kustomization that has the entry of an owned folder, and its text without that. */
function carriedIn({ read }: Ground, folder: string): { readonly file: TextFile; readonly text: string } | undefined {
  const above = [folderOf(folder), folderOf(folderOf(folder))];
  const all = above.flatMap((upper) => {
    const path = kustomizationOf(read, upper);
    const file = path === undefined ? undefined : fileAt(read, path);
    const text = file && withoutEntries(file, upper === "" ? folder : folder.slice(upper.length + 1), ["transformers"]);
    return file !== undefined && text?.kind === "ok" && text.value !== file.text ? [{ file, text: text.value }] : [];
  });
  return all[0];
}

function remarksOnLeft(target: string, path: string): readonly Remark[] {
  const says = "what stood there before goes again; merge it while the Rollout is Healthy, with no version on its way";
  return [{ target, path, line: 1, says }];
}

function fileAt(read: Ground["read"], path: string): TextFile {
  return { path, text: read(path) ?? "" };
}
