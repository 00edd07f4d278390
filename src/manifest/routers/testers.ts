import type { Change } from "../../core/change.ts";
import type { Manifest } from "../../core/manifest.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Weight } from "../../core/weight.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { setMirror } from "./mirrors.ts";
import type { RouteOf, Router } from "./router.ts";

/** What a route says of testers; nothing where it has no rule for them. */
export function readTesters(
  { testers }: Router,
  file: TextFile,
  of: RouteOf,
): Result<Pick<Manifest, "testers">, Refusal> {
  const read = testers?.read(file, of) ?? ok(undefined);
  if (read.kind === "err") return read;
  return ok(read.value === undefined ? {} : { testers: read.value });
}

/** Whom a route is to send to the canary: a share of everybody, testers among them, or testers alone, or copies of so many per cent of the requests and nobody. */
export type Wanted = Pick<Change, "testers" | "mirror"> & { readonly weight: Weight };

/** The text of a route that sends them so. */
export function setShare(
  router: Router,
  file: TextFile,
  of: RouteOf,
  { weight, testers, mirror }: Wanted,
): Result<string, Refusal> {
  if (mirror !== undefined) return setMirror(router, file, of, mirror);
  if (testers !== true) return router.set(file, of, weight);
  const why = "no rules for testers are known of this kind of route";
  return router.testers?.set(file, of) ?? err({ path: file.path, line: 1, found: "a route", why });
}
