import { redact } from "../../core/redact.ts";

/**
 * `damaged`: the mirror itself cannot be read. `locked`: a lock file of a process that is gone. `denied`: the remote does not take the credentials.
 * `declined`: its rules let a push not in. `failed`: everything else.
 */
export type GitFault = "damaged" | "locked" | "denied" | "declined" | "failed";

/** Git did not do what it was asked. The message is git's own, without secrets. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly fault: GitFault;
  /** What the remote said about itself, on one line. */
  readonly why: string;

  constructor(task: string, said: string) {
    const words = redact(said).trim().slice(0, LONGEST);
    super(`git ${task}: ${words === "" ? "no answer" : words}`);
    this.fault = faultOf(words);
    this.why = remarkOf(words);
  }
}

const LONGEST = 2_000;

// Git runs with LC_ALL=C, so its words are stable. What the remote says about itself must not count as damage here.
const FAULTS: readonly (readonly [GitFault, RegExp])[] = [
  ["locked", /\.lock'?: File exists/],
  [
    "denied",
    /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|returned error: 40[13]/,
  ],
  ["declined", /\[remote rejected\].*\bdeclined\b/],
  [
    "damaged",
    /not a git repository|bad object refs\/|object file .* is empty|corrupt|inflate|invalid sha1 pointer|bad signature|unable to (?:read|unpack|parse)|packfile .* (?:cannot be accessed|does not match)|missing (?:blob|tree|commit)|did not send all necessary objects/i,
  ],
];

const LONGEST_WHY = 300;

/** The remote's own words, without where to read more: GitHub's are for whoever pushes by hand. */
function remarkOf(said: string): string {
  const lines = said
    .split("\n")
    .flatMap((line) => /^remote:(?: error:)?(?<words>.*)$/.exec(line)?.groups?.["words"]?.trim() ?? []);
  const words = lines.filter((line) => line !== "" && !line.includes("://")).join(" ");
  return (words === "" ? "GitHub gives no reason" : words).slice(0, LONGEST_WHY);
}

function faultOf(said: string): GitFault {
  const own = said
    .split("\n")
    .filter((line) => !line.startsWith("remote:"))
    .join("\n");
  return FAULTS.find(([, words]) => words.test(own))?.[0] ?? "failed";
}
