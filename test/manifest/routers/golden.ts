import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../golden/routers/", import.meta.url);

/** A case of the golden files: a file before and after, and what was asked for. */
export type Golden = {
  readonly kind: string;
  readonly title: string;
  readonly before: string;
  readonly after: string;
  readonly edit: Edit;
};

export type Edit = {
  readonly weight: number;
  /** Copies of so many per cent, at weight 0. */
  readonly mirror?: number;
  /** Testers alone get the canary; the file before is at rest. */
  readonly testers?: true;
  readonly at?: string;
  readonly destinations?: {
    readonly [arm in "canary" | "stable"]: { readonly host: string; readonly subset?: string };
  };
  readonly steps?: { readonly from: number; readonly to: number; readonly runsOut: boolean };
  readonly claim?: true;
};

/** Every case of every kind. */
export function goldens(): readonly Golden[] {
  return readdirSync(ROOT).flatMap((kind) =>
    readdirSync(new URL(`${kind}/`, ROOT)).map((title) => {
      const read = (file: string) => readFileSync(new URL(`${kind}/${title}/${file}`, ROOT), "utf8");
      const edit = JSON.parse(read("edit.json")) as Edit;
      return { kind, title, before: read("before.yaml"), after: read("after.yaml"), edit };
    }),
  );
}
