/** An element of an XML document; `words` is the text directly inside. */
export type Element = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  readonly words: string;
};

type Open = { name: string; attributes: ReadonlyMap<string, string>; children: Element[]; words: string };

const NAME = "[A-Za-z_][A-Za-z0-9_.-]*";
const TAG = new RegExp(String.raw`<(/?)(${NAME})((?:\s+${NAME}="[^"<]*")*)\s*(/?)>`, "y");
const ATTRIBUTE = new RegExp(String.raw`(${NAME})="([^"<]*)"`, "g");
const WORDS = /[^<]+/y;

/** The root of a document without declarations, comments and CDATA; throws where it is not well-formed XML 1.0. */
export function parseXml(text: string): Element {
  const root: Open = { name: "", attributes: new Map(), children: [], words: "" };
  const open: Open[] = [root];
  let at = 0;
  while (at < text.length) {
    const top = open.at(-1) ?? root;
    at = text[at] === "<" ? tagAt(text, at, open) : wordsAt(text, at, top);
  }
  const [element, ...more] = root.children;
  if (open.length !== 1 || element === undefined || more.length > 0 || root.words.trim() !== "")
    throw new Error("There is not one root that is closed.");
  return element;
}

/** An element and all below it. */
export function withAllIn(element: Element): readonly Element[] {
  return [element, ...element.children.flatMap(withAllIn)];
}

function tagAt(text: string, at: number, open: Open[]): number {
  TAG.lastIndex = at;
  const found = TAG.exec(text);
  const top = open.at(-1);
  if (found === null || top === undefined) throw new Error(`No tag at ${at}: ${text.slice(at, at + 40)}`);
  const [all, closes, name = "", attributes = "", isEmpty] = found;
  if (closes === "/") {
    if (top.name !== name || open.length === 1) throw new Error(`</${name}> closes nothing at ${at}.`);
    open.pop();
    return at + all.length;
  }
  const read = attributesIn(attributes);
  const element: Open = { name, attributes: read, children: [], words: "" };
  top.children.push(element);
  if (isEmpty !== "/") open.push(element);
  return at + all.length;
}

function attributesIn(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(ATTRIBUTE)].map(([, key = "", value = ""]) => [key, plain(value)] as const);
  const read = new Map(pairs);
  if (read.size !== pairs.length) throw new Error(`An attribute is said twice in ${text}.`);
  return read;
}

function wordsAt(text: string, at: number, top: Open): number {
  WORDS.lastIndex = at;
  const words = WORDS.exec(text)?.[0] ?? "";
  top.words += plain(words);
  return at + words.length;
}

const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["#39", "'"],
]);

function plain(words: string): string {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(words)) throw new Error("No character of XML.");
  if (words.includes("]]>")) throw new Error("]]> stands in no text.");
  return words.replace(/&([^;]*);?/g, (all, name: string) => {
    const character = ENTITIES.get(name);
    if (character === undefined || !all.endsWith(";")) throw new Error(`No entity: ${all}`);
    return character;
  });
}
