import { packet, readPackets } from "./pkt-line.ts";
import { headIn, refsIn } from "./ref-files.ts";
import type { Ref } from "./ref-files.ts";

const FLUSH = "0000";
// As the repository's configuration has it; see there.
const HIDDEN = { fetch: ["refs/scratch/"], push: ["refs/scratch/", "refs/pull/"] } as const;

/** The answer to the command `ls-refs` of protocol version 2, as git gives it; undefined for other requests, and where git must be asked. */
export function listingFor(dir: string, request: Buffer): string | undefined {
  const packets = readPackets(request);
  if (packets?.[0] !== "command=ls-refs\n") return undefined;
  const wanted = packets.slice(packets.indexOf("delimiter") + 1, packets.indexOf("flush"));
  const prefixes = wanted.flatMap((line) => /^ref-prefix (.*)\n$/.exec(line)?.[1] ?? []);
  if (!packets.includes("delimiter") || wanted.length - prefixes.length > wanted.filter(isPlain).length)
    return undefined;
  const refs = visible(dir, "fetch");
  const head = headIn(dir);
  const tip = refs?.find(({ name }) => name === head);
  if (refs === undefined || tip === undefined) return undefined;
  const target = wanted.includes("symrefs\n") ? ` symref-target:${tip.name}` : "";
  const all = [{ name: "HEAD", line: `${tip.sha} HEAD${target}\n` }, ...refs.map(lineOf)];
  const matching = all.filter(
    ({ name }) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)),
  );
  return `${matching.map(({ line }) => packet(line)).join("")}${FLUSH}`;
}

/** What a push is told of the refs before it begins, in version 0 of the protocol; `said`: what git itself said so before, for what it can do. */
export function advertisementLike(dir: string, said: Buffer): string | undefined {
  const abilities = /\0([^\n]+)\n/.exec(said.toString())?.[1];
  const [first, ...others] = visible(dir, "push") ?? [];
  if (abilities === undefined || first === undefined) return undefined;
  const lines = [`${first.sha} ${first.name}\0${abilities}\n`, ...others.map((ref) => lineOf(ref).line)];
  return `${lines.map(packet).join("")}${FLUSH}`;
}

function visible(dir: string, by: keyof typeof HIDDEN): readonly Ref[] | undefined {
  return refsIn(dir)?.filter(({ name }) => !HIDDEN[by].some((prefix) => name.startsWith(prefix)));
}

function lineOf({ name, sha }: Ref) {
  return { name, line: `${sha} ${name}\n` };
}

// Neither tags nor a HEAD without a commit are told here, so that these change nothing.
function isPlain(line: string): boolean {
  return line === "peel\n" || line === "symrefs\n" || line === "unborn\n";
}
