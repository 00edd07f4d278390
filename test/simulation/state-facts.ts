/** What a state file says, read without the product's own code. */
export type StateFacts = {
  readonly weight: number;
  /** Testers go to the canary, and nobody else. */
  readonly testers: boolean;
  /** Of how many per cent of the requests copies go to the canary. */
  readonly mirror: number;
  /** The image of the release under way. */
  readonly image: string | undefined;
  readonly step: number | undefined;
  /** The commit that brought it. */
  readonly commit: string | undefined;
  readonly isAborting: boolean;
  readonly override: { readonly comment: number | undefined; readonly isFull: boolean } | undefined;
  /** A gate is left out on somebody's word. */
  readonly isSkipping: boolean;
  /** Of the pod template that the release under way is for. */
  readonly template: string | undefined;
  /** Images, with the digest of a pod template where that alone is blocked. */
  readonly blocked: readonly { readonly image: string; readonly template: string | undefined }[];
  /** Ids of the comments that hold it. */
  readonly holds: readonly number[];
  /** A person wrote a hold into the file, without a comment and without closing anything. */
  readonly isHeldByHand: boolean;
};

const KNOWN = new Map<string, StateFacts | undefined>();
const MOST = 20_000;

/** The facts of a state file's text about a place; undefined where it is absent or no state file. */
export function stateFacts(text: string | undefined, place: string): StateFacts | undefined {
  if (text === undefined) return undefined;
  const own = ownPart(text, place);
  if (!KNOWN.has(own)) {
    if (KNOWN.size > MOST) KNOWN.clear();
    KNOWN.set(own, factsOf(own));
  }
  return KNOWN.get(own);
}

/** Whether a version is blocked, by its image or by its pod template alone. */
export function isBlocked(
  { blocked }: Pick<StateFacts, "blocked">,
  version: { readonly image: string; readonly template: string | undefined },
): boolean {
  return blocked.some(
    ({ image, template }) => image === version.image && (template === undefined || template === version.template),
  );
}

/** What a state file says of a place alone; all of it where the service has no other. */
export function entryIn(text: string, place: string): string {
  const [, target] = place.split("/");
  if (target === undefined) return text;
  return text.split(/^(?= {2}[a-z][^\n]*:\n|blocked:)/m).find((part) => part.startsWith(`  ${target}:`)) ?? "";
}

/** A state file's text without what it says of other targets. */
export function ownPart(text: string, place: string): string {
  const [, target] = place.split("/");
  if (target === undefined) return text;
  return text
    .split(/^(?= {2}[a-z][^\n]*:\n|blocked:)/m)
    .filter((part) => !part.startsWith("  ") || part.startsWith(`  ${target}:`))
    .join("")
    .replace(/^ {2}- \{ target: (\S+),.*\n/gm, (line, held: string) => (held === target ? line : ""));
}

function factsOf(text: string): StateFacts | undefined {
  const weight = /^ {4}weight: (\d+)$/m.exec(text)?.[1];
  if (weight === undefined || text.includes("<<<<<<<")) return undefined;
  const override = /^ {6}override: \{(.*)\}$/m.exec(text)?.[1];
  const step = /^ {6}step: (\d+)$/m.exec(text)?.[1];
  const [, blocked = ""] = /^blocked:(.*?)(?=^\S)/ms.exec(text) ?? [];
  const [, holds = ""] = /^holds:(.*?)(?=^\S)/ms.exec(text) ?? [];
  return {
    weight: Number(weight),
    testers: /^ {4}testers: true$/m.test(text),
    mirror: Number(/^ {4}mirror: (\d+)$/m.exec(text)?.[1] ?? 0),
    image: /^ {6}image: "(.*)"$/m.exec(text)?.[1],
    step: step === undefined ? undefined : Number(step),
    commit: /^ {6}commit: "?([0-9a-f]{40})"?$/m.exec(text)?.[1],
    isAborting: /^ {6}aborting: /m.test(text),
    isSkipping: /^ {6}skip: /m.test(text),
    override: override === undefined ? undefined : overrideOf(override),
    template: /^ {6}template: "?([0-9a-f]{16})"?$/m.exec(text)?.[1],
    blocked: [...blocked.matchAll(/image: "([^"]*)"(?:, template: "?([0-9a-f]{16})"?)?/g)].map(
      ([, image = "", template]) => ({ image, template }),
    ),
    holds: [...holds.matchAll(/comment: (\d+)/g)].map(([, comment]) => Number(comment)),
    isHeldByHand: holds.split("\n").some((line) => line.includes("by:") && !/(?:comment|closed): /.test(line)),
  };
}

function overrideOf(text: string): NonNullable<StateFacts["override"]> {
  const comment = /comment: (\d+)/.exec(text)?.[1];
  return { comment: comment === undefined ? undefined : Number(comment), isFull: /reach: full/.test(text) };
}
