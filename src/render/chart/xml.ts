/** An element; attributes are text or finite numbers, children are elements or text that is escaped already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  const open = `<${name}${said.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

/** Words as the text of an element or the value of an attribute; what XML cannot hold is left out. */
export function xmlText(words: string): string {
  return words
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, "")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}

function attribute(value: string | number): string {
  return typeof value === "number" ? rounded(value) : xmlText(value);
}

/** A coordinate: at most one digit after the point. */
export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
