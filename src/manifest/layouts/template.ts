import type { Version } from "../../core/manifest.ts";
import { ok, type Result } from "../../core/result.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { readWorkload, setImage, type DeploymentOf } from "../deployment.ts";
import { copyTemplate } from "../pod-template.ts";
import { withFile } from "../with-file.ts";

/** A file by its path, as it was at another commit; none where it was not there. */
export function given(path: string, text: string | undefined): ReadonlyMap<string, string> {
  return new Map(text === undefined ? [] : [[path, text]]);
}

/** What gives a file the pod template of another. */
export function copyInto(file: TextFile, of: DeploymentOf): (from: TextFile) => Result<string, Refusal> {
  return (from) => copyTemplate({ file: from, of }, { file, of });
}

/** The text of a file with the pod template of the only file in `from`, where its own is still the aborted one; else with that image alone, where its own is the aborted one's; else it is somebody's newer word, and stays. */
export function takeBack(
  from: ReadonlyMap<string, string>,
  file: TextFile,
  aborted: Version,
  of: DeploymentOf,
): Result<string, Refusal> {
  const now = readWorkload(file, of);
  if (now.kind === "err") return now;
  const [path = file.path] = from.keys();
  if (now.value.template === aborted.template) return withFile(from, path, copyInto(file, of));
  if (now.value.image !== aborted.image) return ok(file.text);
  const then = withFile(from, path, (old) => readWorkload(old, of));
  return then.kind === "err" ? then : setImage(file, of, then.value.image);
}
