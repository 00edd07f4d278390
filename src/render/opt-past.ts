import { code } from "./markdown.ts";

// It tells where the finding goes, and nothing else; whoever takes it out has none written there.
const TO_COME = "<!-- tidegate:backtest-to-come -->";

/** The paragraph of a pull request's words that waits for what the past says. */
export function pastToCome(): string {
  return `${TO_COME}\nReleases are being played over the past of what runs now; what that says of their gates is written here as soon as it is known. Nothing waits for it.`;
}

/** Whether some words of a pull request wait for that. */
export function awaitsPast(body: string): boolean {
  return body.includes(TO_COME);
}

/** The same words with what the past says in that paragraph's place; all else in them may be people's, and stays. */
export function withPast(body: string, found: string): string {
  const start = body.indexOf(TO_COME);
  if (start === -1) return body;
  const end = body.indexOf("\n\n", start);
  return [body.slice(0, start), pastText(found), end === -1 ? "" : body.slice(end)].join("");
}

function pastText(found: string): string {
  const asked = `Where no request was counted, they do not pass yet by what counts them, such as a route that this adds: ${code("/backtest")} here plays them again, after the merge too.`;
  return ["### What the past says", `Releases as above, played over the past of what runs now. ${asked}`, found].join(
    "\n\n",
  );
}
