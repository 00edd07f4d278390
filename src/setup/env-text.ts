import { UserError } from "../core/error.ts";

/** A line of an environment's file, in a form that Node, Docker Compose and a shell's `source` read alike where the value lets it. */
export function envLine(name: string, value: string): string {
  return `${name}=${written(name, value)}`;
}

/** A PEM in one line, as Docker's `--env-file` and Kubernetes need it; Tidegate reads `\n` as a line break. */
export function inOneLine(pem: string): string {
  return pem.trim().replaceAll(/\r?\n/g, "\\n");
}

/** The file's text: a head of comments, what setup says, and of what it said before all that setup does not speak of. */
export function envText(
  head: readonly string[],
  said: readonly (readonly [name: string, value: string])[],
  kept: readonly (readonly [name: string, value: string])[],
): string {
  const lines = said.map(([name, value]) => envLine(name, value));
  const others = kept.map(([name, value]) => envLine(name, value));
  return `${[...head.map((line) => `# ${line}`), ...lines, ...(others.length === 0 ? [] : ["", ...others])].join("\n")}\n`;
}

const PLAIN = /^[\w./:,@+=\\ -]*$/;

function written(name: string, value: string): string {
  if (PLAIN.test(value) && value.trim() === value) return value;
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark) && !(mark === '"' && value.includes("\\n")));
  if (quote === undefined) throw new UserError(`The value of ${name} has every kind of quotes and cannot be written.`);
  return `${quote}${value}${quote}`;
}
