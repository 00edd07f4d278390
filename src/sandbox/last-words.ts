import type { Readable } from "node:stream";
import { redact } from "../core/redact.ts";

// As many as an error's stack and what led to it.
const KEPT = 30;

/** Hands each line of a program's output to `onLine`; gives the last of them together, without secrets. A line that was not ended counts at the stream's end. */
export function hear(output: Readable, onLine: (line: string) => void): () => string {
  const words: string[] = [];
  let rest = "";
  const keep = (line: string) => {
    words.push(line);
    if (words.length > KEPT) words.shift();
    onLine(line);
  };
  output.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(keep);
  });
  output.once("end", () => {
    if (rest !== "") keep(rest);
  });
  return () => redact(words.join("\n"));
}
