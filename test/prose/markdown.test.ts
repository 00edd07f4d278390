import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandLines } from "../../src/prose/markdown.ts";

describe("lines that are prose", () => {
  it.each([
    ["a line alone", "/abort", ["/abort"]],
    ["with its reason", "/abort errors are up", ["/abort errors are up"]],
    ["between other lines", "Looks bad.\n/abort errors\nSorry, all.", ["/abort errors"]],
    ["two in a comment", "/hold\n/status", ["/hold", "/status"]],
    ["after a blank line and pasted newlines", "\n\n\n/hold\n\n\n", ["/hold"]],
    ["CRLF", "Hm.\r\n/hold\r\n", ["/hold"]],
    ["a lone carriage return", "Hm.\r/hold", ["/hold"]],
    ["indented by three", "   /hold", ["   /hold".trimStart()]],
    ["after a byte order mark", "\uFEFF/hold", ["/hold"]],
    ["after a zero-width space", "\u200B/hold", ["\u200B/hold"]],
    ["after a mark of direction", "\u202A/hold\u202C", ["\u202A/hold\u202C"]],
    ["whole line in back-ticks", "`/promote`", ["/promote"]],
    ["whole line in back-ticks, between others", "Go:\n`/skip errors moved`\nThanks", ["/skip errors moved"]],
    ["whole line in three back-ticks", "```/promote```", ["/promote"]],
    ["a person named in the reason", "/hold until @ana is back", ["/hold until @ana is back"]],
    ["whole line in two back-ticks", "Go:\n`` /promote ``\n", ["/promote"]],
    [
      "a link in the reason",
      "/abort see [graph](https://example.com/d)",
      ["/abort see [graph](https://example.com/d)"],
    ],
    ["an address in the reason", "/abort see https://example.com/d/1?a=b", ["/abort see https://example.com/d/1?a=b"]],
    ["code in the reason", "/abort errors in `checkout`", ["/abort errors in `checkout`"]],
    ["an HTML comment after it is not read", "/abort errors <!-- secret -->", ["/abort errors "]],
    ["under a quote, after a blank line", "> said\n\n/hold", ["/hold"]],
    ["at the margin under a list", "- errors\n- latency\n/abort", ["/abort"]],
    ["after a fence", "```\n/promote\n```\n/hold", ["/hold"]],
    ["after a closed element", "<details>\n\n/promote\n\n</details>\n\n/hold", ["/hold"]],
    ["beside an element that sets nothing apart", "<b>Now</b>\n/hold", ["/hold"]],
  ])("%s", (_, body, lines) => {
    expect(commandLines(body)).toEqual(lines);
  });
});

describe("lines that are not", () => {
  it.each([
    ["a fence", "```\n/promote\n```"],
    ["an unclosed fence", "```\n/promote"],
    ["a fence of tildes", "~~~sh\n/promote\n~~~"],
    ["indented code", "    /promote"],
    ["code by a tab", "\t/promote"],
    ["inline code in a sentence", "Write `/promote` to go on"],
    ["two spans of code", "`/promote` `/abort`"],
    ["code with a full stop after it", "`/promote`."],
    ["a task", "- [ ] /promote"],
    ["an alert", "> [!NOTE]\n> /promote"],
    ["an automatic link", "</promote>"],
    ["a reversed word", "\u202Etomorp/"],
    ["inline code over two lines", "`\n/promote\n`"],
    ["code that ends in the word", "/pro`mote`"],
    ["a quote", "> /promote"],
    ["a quote carried on", "> said\n/promote"],
    ["a nested quote", "> > /promote"],
    ["a quote in a list", "- > said\n/promote"],
    ["a heading", "# /promote"],
    ["an underlined heading", "/promote\n---"],
    ["a link's text", "[/promote](https://example.com)"],
    ["a link that ends the word", "/pro[mote](https://example.com)"],
    ["an image's text", "![/promote](https://example.com/a.png)"],
    ["a reference", "[/promote][a]\n\n[a]: https://example.com"],
    ["a definition", "[a]:\n/promote"],
    ["a table", "| a |\n|---|\n| /promote |"],
    ["a table's lazy row", "| a |\n|---|\n/promote"],
    ["struck text", "~~old\n/promote\nold~~"],
    ["strong text", "**/promote**"],
    ["an HTML comment", "<!-- /promote -->"],
    ["an HTML comment over lines", "<!--\n/promote\n-->"],
    ["an HTML comment with a blank line", "<!--\n\n/promote\n\n-->"],
    ["an HTML comment inside a paragraph", "Hm <!--\n/promote\n-->"],
    ["after an HTML comment on its line", "<!-- x --> /promote"],
    ["an HTML block", "<div>\n/promote\n</div>"],
    ["pre", "<pre>\n/promote\n</pre>"],
    ["a quote by HTML, after a blank line", "<blockquote>\n\n/promote\n\n</blockquote>"],
    ["nested quotes by HTML", "<blockquote>\n<blockquote>\n\nx\n\n</blockquote>\n\n/promote\n\n</blockquote>"],
    ["an element never closed", "<details>\n\n/promote"],
    ["code by HTML inside a paragraph", "Write <code>\n/promote\n</code>"],
    ["a list item", "- /promote"],
    ["a numbered item in back-ticks", "1. `/promote`"],
    ["an indented line of a list", "- do\n  /promote"],
    ["a paragraph of a list", "- do\n\n  /promote"],
    ["a footnote", "[^1]\n\n[^1]: /promote"],
    ["an escaped slash", "\\/promote"],
    ["a character reference", "&#47;promote"],
    ["a line made by a character reference", "Hm&#10;/promote"],
    ["the middle of a line", "please /promote"],
    ["nothing", ""],
  ])("%s", (_, body) => {
    expect(commandLines(body)).toEqual([]);
  });
});

describe("hostile bodies", () => {
  // Unbounded, each of these holds the event loop for 3 to 46 seconds or overflows the stack.
  it.each([
    ["brackets", "]"],
    ["marks", "*a_ "],
    ["quotes", ">"],
    ["quotes in lists", "> - "],
    ["numbers", "1. "],
    ["footnotes", "[^a]"],
  ])("%s: the command before them is heard, and soon", (_, piece) => {
    const started = process.cpuUsage();
    expect(commandLines(`/abort\n\n${piece.repeat(65_000 / piece.length)}\n\n/promote`)).toEqual(["/abort"]);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(2);
  });

  it("reads nothing of a block that is cut off by the limit of 65,536 characters", () => {
    expect(commandLines(`/hold\n\n${"x".repeat(65_520)}\n/promote_not`)).toEqual(["/hold"]);
  });
});

const line = fc.string({
  unit: fc.constantFrom(
    "/",
    "promote",
    "abort",
    " ",
    "a",
    "*",
    "[",
    "]",
    "(",
    ")",
    "-",
    "#",
    ">",
    "<",
    "!",
    "\\",
    "_",
    "|",
    "&",
    "\u200B",
  ),
});
const lines = fc.array(fc.oneof(line, fc.constant("/promote")), { maxLength: 8 });

describe("laws", () => {
  it("never throws and gives only lines that were typed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(line, fc.constantFrom("```", "~~~", "<!--", "-->", "`", "    ", "> ", "- ", "1. ")), {
          maxLength: 12,
        }),
        (typed) => {
          for (const found of commandLines(typed.join("\n")))
            expect(typed.join("\n").replace(/<!--.*?-->/gs, "")).toContain(found.trim());
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ["a fence", (typed: readonly string[]) => ["````", ...typed, "````"]],
    ["a quote", (typed: readonly string[]) => typed.map((one) => `> ${one}`)],
    ["indented code", (typed: readonly string[]) => typed.map((one) => `    ${one}`)],
    ["an HTML comment", (typed: readonly string[]) => ["<!--", ...typed.map((one) => one.replace(/>/g, "")), "-->"]],
  ])("nothing inside %s is ever a line", (_, wrap) => {
    fc.assert(
      fc.property(lines, (typed) => {
        expect(commandLines(wrap(typed).join("\n"))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("reads the same with CRLF and with spaces at the ends of lines", () => {
    fc.assert(
      fc.property(lines, (typed) => {
        const trimmed = typed.map((one) => one.replace(/[\s\\]+$/, ""));
        const read = (text: string): readonly string[] => commandLines(text).map((one) => one.trim());
        expect(read(trimmed.join("\r\n"))).toEqual(read(trimmed.join("\n")));
        expect(read(trimmed.map((one) => `${one}  `).join("\n"))).toEqual(read(trimmed.join("\n")));
      }),
      { numRuns: 200 },
    );
  });
});
