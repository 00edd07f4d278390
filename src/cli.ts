import { readFileSync } from "node:fs";

const USAGE = `Tidegate delivers releases progressively, through git alone.

Usage: tidegate <command>

  start      run the App; what it needs is said by environment variables (docs/install.md)
  version    print the version
  help       this text

To see it work without an account or a cluster: npm run demo
`;

/** Runs one command; resolves to the exit status: 0, or 2 for words that are no command. */
async function run(args: readonly string[]): Promise<number> {
  const [command = "help", ...more] = args;
  if (more.length > 0) return wrong(`${command} takes nothing more, but was given: ${more.join(" ")}`);
  switch (command) {
    case "start":
      await import("./main.ts");
      return Number(process.exitCode ?? 0);
    case "version":
    case "--version":
      process.stdout.write(`${version()}\n`);
      return 0;
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(USAGE);
      return 0;
    default:
      return wrong(`There is no command ${command}.`);
  }
}

function wrong(what: string): number {
  process.stderr.write(`${what}\n\n${USAGE}`);
  return 2;
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const found: unknown = JSON.parse(text);
  return typeof found === "object" && found !== null && "version" in found ? String(found.version) : "unknown";
}

process.exitCode = await run(process.argv.slice(2));
