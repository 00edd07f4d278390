import { interruption, optionsOf } from "./command-line.ts";
import { startDemo, type DemoEvent } from "./demo-run.ts";
import { jsonView, liveView, plainView } from "./demo-view.ts";

const USAGE = `Runs Tidegate against a GitHub, a cluster and metrics of its own, on this machine and nowhere else.
A good and a bad version for each of four kinds of service are merged as a bump bot would; the good ones are promoted, the others rolled back, two of
them through staging and production: in under two minutes where the machine has nothing else to do.

Usage: npm run demo -- [options]

  --json   one JSON object per event on stdout; the last line is {"summary": …}
  --plain  one line per event, without redrawing (the default where stdout is no terminal)
  --keep   leave everything running and its files in place afterwards, until Ctrl-C
  --help   this text

Exit status: 0 when the world is as it should be at the end, 1 when it is not, 2 for a wrong option, 130 after Ctrl-C.
`;

async function main(): Promise<number> {
  const parsed = optionsOf({
    json: { type: "boolean" },
    plain: { type: "boolean" },
    keep: { type: "boolean" },
    help: { type: "boolean" },
  });
  if (parsed.kind === "err") {
    process.stderr.write(`${parsed.error}\n\n${USAGE}`);
    return 2;
  }
  const { json, plain, keep, help } = parsed.value;
  if (help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const write = (text: string) => void process.stdout.write(text);
  const isTerminal = process.stdout.isTTY && plain !== true;
  const view = json === true ? jsonView(write) : isTerminal ? liveView(write) : plainView(write);
  const signal = interruption();
  const demo = await startDemo({ onEvent: (event: DemoEvent) => view.show(event), signal });
  try {
    const summary = await demo.play();
    if (summary === undefined) return 130;
    view.summarise(summary);
    if (keep === true && !signal.aborted) {
      await demo.keepEnvironment();
      view.keep(demo.addresses);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    }
    return summary.checks.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    view.end();
    await demo.close(keep === true);
  }
}

process.exitCode = await main();
