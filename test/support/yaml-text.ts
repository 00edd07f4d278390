import fc from "fast-check";

type Node = string | readonly Node[] | { readonly [key: string]: Node };

type Print = (node: Node, indent: number) => string;

const WORDS = [
  "a",
  "image",
  "b c",
  "nginx:1.25",
  "1.10",
  "0x1e5",
  "1e3",
  "0755",
  "~",
  "null",
  "true",
  "-1",
  "-x",
  ".5",
  "é",
  "*a",
  "&a b",
  "go\n     on",
  "x#y",
  "http://a:80/b",
  "a@sha256:0",
  "'it''s'",
  '"a\\tb"',
  '"#"',
  "''",
  '""',
  "a 'b'",
  "[]",
  "{}",
  "[a, 'b']",
  "{a: b}",
  "[\n  a,\n]",
  "[\n      {a: [b]}\n  ]",
];

/** YAML texts made of what manifests are made of, each collection printed in a style of its own; most of them valid. */
export function yamlText(): fc.Arbitrary<string> {
  return fc.array(documentText(), { minLength: 1, maxLength: 2 }).map((documents) => documents.join("---\n"));
}

/** Texts with up to four characters inserted, removed or doubled, chosen to do harm. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const harm = fc.constantFrom(
    ...Array.from("-:#?&*!|>'\"%@{}[],\t \r\n0x1e5~.+"),
    "\r\n",
    ": ",
    "- ",
    " #",
    "  ",
    "\n\n",
    "---\n",
    "...\n",
  );
  const mutation = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("insert", "remove", "double"),
    harm,
    length: fc.nat(4),
  });
  return fc.tuple(texts, fc.array(mutation, { minLength: 1, maxLength: 4 })).map(([text, mutations]) =>
    mutations.reduce((before, { at, kind, harm: unit, length }) => {
      const place = before.length === 0 ? 0 : at % before.length;
      const [head, rest] = [before.slice(0, place), before.slice(place)];
      if (kind === "insert") return head + unit + rest;
      return kind === "remove" ? head + rest.slice(length) : head + rest.slice(0, length) + rest;
    }, text),
  );
}

function documentText(): fc.Arbitrary<string> {
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(...WORDS),
      fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "key", "<<", '"q"', "1.10", "x-y", "'s'"), tie("node"), {
        minKeys: 1,
        maxKeys: 3,
      }),
    ),
  }));
  const styles = fc.infiniteStream(fc.nat(99));
  return fc.tuple(node, styles).map(([tree, stream]) => printed(tree, () => Number(stream.next().value)));
}

function printed(tree: Node, style: () => number): string {
  const gap = () => ["", "", "", "", "\n", "# note\n", "#note\n", "  # far\n", "\n\n"][style() % 9] ?? "";
  const tail = () => ["", "", "", "", " ", " # note", "  #", " &x", " &x # note"][style() % 9] ?? "";
  const value: Print = (node, indent) => {
    if (typeof node === "string") return scalar(node, indent);
    if (Array.isArray(node)) return `${tail()}\n${gap()}${list(node, indent - (style() % 2 === 0 ? 2 : 0))}`;
    return `${tail()}\n${gap()}${mapping(node as { readonly [key: string]: Node }, indent, true)}`;
  };
  const scalar = (word: string, indent: number) => {
    const pad = " ".repeat(indent);
    const kind = style() % 12;
    if (kind === 0) return `${tail()}\n`;
    if (kind > 2) return ` ${word}${tail()}\n`;
    const header = ["|", ">", "|-", ">-", "|+", ">+", "|2"][style() % 7] ?? "|";
    return ` ${header}${tail()}\n${pad}${word}\n${["", "\n", `${pad}more\n`, `\n${pad}more\n`, `${pad}  deep\n`][style() % 5]}`;
  };
  const mapping = (node: { readonly [key: string]: Node }, indent: number, isOwnLine: boolean) =>
    Object.entries(node)
      .map(([key, item], index) => {
        const pad = index === 0 && !isOwnLine ? "" : gap() + " ".repeat(indent);
        return `${pad}${key}${style() % 20 === 0 ? " " : ""}:${value(item, indent + 2)}`;
      })
      .join("");
  const list = (items: readonly Node[], indent: number): string =>
    items.map((item) => gap() + " ".repeat(Math.max(0, indent)) + listItem(item, Math.max(0, indent) + 2)).join("");
  const listItem = (item: Node, indent: number) => {
    if (typeof item === "string") return `-${scalar(item, indent)}`;
    if (Array.isArray(item)) return `-${tail()}\n${list(item, indent)}`;
    return style() % 4 === 0
      ? `-${value(item, indent)}`
      : `- ${mapping(item as { readonly [key: string]: Node }, indent, false)}`;
  };
  if (typeof tree === "string") return `${tree}\n`;
  const root = style() % 8 === 0 ? 2 : 0;
  return (
    gap() + (Array.isArray(tree) ? list(tree, root) : mapping(tree as { readonly [key: string]: Node }, root, true))
  );
}
