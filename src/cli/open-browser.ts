import { spawn } from "node:child_process";

const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
  linux: ["xdg-open"],
};

/** Shows an address in the browser of whoever sits at this machine, where there is one; says nothing where there is not. */
export function openBrowser(url: string, environment: Readonly<Record<string, string | undefined>>): void {
  const [program, ...args] = OPENERS[process.platform] ?? [];
  const isBlind =
    process.platform === "linux" &&
    environment["DISPLAY"] === undefined &&
    environment["WAYLAND_DISPLAY"] === undefined;
  if (program === undefined || isBlind) return;
  const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
