import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";

const Site = z.object({
  path: z.string(),
  line_after: z.number().nullish(),
  file_kind: z.string(),
  text_before: z.string().nullish(),
  text_after: z.string().nullish(),
  optional: z.boolean().nullish(),
});

const Expected = z.object({
  image: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  same_version: z.boolean().nullish(),
  optional: z.boolean().nullish(),
  sites: z.array(Site),
});

const CorpusFile = z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() });

/** A commit of the corpus: the files that it touched, and what its own message says that it is. Other fields are not needed. */
const Case = z.object({
  id: z.string(),
  repo: z.string(),
  label: z.enum(["positive", "negative"]),
  category: z.string().nullish(),
  files: z.array(CorpusFile),
  expected: z.array(Expected).nullish(),
  ci_like: z.boolean().nullish(),
  soft: z.boolean().nullish(),
  mixed: z.boolean().nullish(),
});
export type Case = z.infer<typeof Case>;

/** The cases of a gzipped file with one JSON object a line, or every so many of them. Throws where the file is missing or is another. */
export function readCases(path: string, every = 1): readonly Case[] {
  const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n");
  return lines.filter((line, index) => line !== "" && index % every === 0).map((line) => Case.parse(JSON.parse(line)));
}
