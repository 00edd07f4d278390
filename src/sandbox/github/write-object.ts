import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

/** Writes an object as git keeps it, in a file of its own, and gives its SHA. */
export async function writeObject(dir: string, type: "commit", text: string): Promise<string> {
  const body = Buffer.from(text);
  const whole = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
  const sha = createHash("sha1").update(whole).digest("hex");
  const folder = join(dir, "objects", sha.slice(0, 2));
  const path = join(folder, sha.slice(2));
  const fresh = `${path}.${process.hrtime.bigint()}`;
  await mkdir(folder, { recursive: true });
  // Nobody may read half of it; whoever writes the same at the same time writes the same.
  await writeFile(fresh, deflateSync(whole, { level: 1 }), { mode: 0o444 });
  await rename(fresh, path);
  return sha;
}
