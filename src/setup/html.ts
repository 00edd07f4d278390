import { createHash } from "node:crypto";

/** Text as HTML shows it, in content and in attributes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2430, #e3e8ef); --soft: light-dark(#57606c, #9aa5b3); --line: light-dark(#d6dce4, #343d49);
  --page: light-dark(#f4f6f9, #11161d); --card: light-dark(#ffffff, #1a212b); --deed: light-dark(#0b6b78, #3fb3c2); --on-deed: light-dark(#ffffff, #06181b); --bad: light-dark(#a3262a, #ff8f8a); }
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem 1rem; background: var(--page); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 2rem 0 .5rem; font-size: 1.05rem; }
p, li { max-width: 65ch; }
.soft { color: var(--soft); }
.bad { color: var(--bad); }
table { width: 100%; border-collapse: collapse; font-size: .925rem; }
th, td { padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
th { white-space: nowrap; font-weight: 600; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .75rem 1rem; overflow-x: auto; background: var(--page); border: 1px solid var(--line); border-radius: .5rem; }
button, a.deed { display: inline-block; margin: 1rem 0 0; padding: .7rem 1.25rem; border: 0; border-radius: .5rem; background: var(--deed); color: var(--on-deed); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
a { color: var(--deed); }
@media (max-width: 36rem) { body { padding: 0; } main { border: 0; border-radius: 0; padding: 1.5rem 1rem; } th, td { display: block; padding: .25rem 0; } td { border-top: 0; padding-bottom: .75rem; } }
`;

/**
 * Nothing but this page's own style. Where a form may lead is left open on purpose: an Enterprise Server may send people to sign in
 * at another address first, and browsers hold that against `form-action` as well.
 */
export const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A whole page; `body` is HTML, the title text. */
export function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body>
</html>
`;
}
