const WIDTH = 140;

/** JSON with what fits a line on one, so that a file is short and its changes are read line by line. */
export function laidOut(value: unknown, indent = 0): string {
  const line = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent + line.length <= WIDTH) return line;
  const inner = indent + 1;
  const lines = Array.isArray(value)
    ? value.map((item) => laidOut(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${laidOut(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.map((one) => " ".repeat(inner) + one).join(",\n")}\n${" ".repeat(indent)}${close}`;
}
