import { expect, it } from "vitest";
import { UserError } from "../../src/core/error.ts";
import { listening } from "../../src/server/listening.ts";

const AT = { host: "192.0.2.7", port: 443, named: { host: "HOST", port: "PORT" } };

function refusing(error: Error) {
  return {
    listen: async () => {
      throw error;
    },
  };
}

it("resolves with the port, at the host and port of the settings", async () => {
  const asked: unknown[] = [];
  const front = {
    listen: async (...at: readonly unknown[]) => {
      asked.push(at);
      return 8443;
    },
  };
  expect(await listening(front, AT)).toBe(8443);
  expect(asked).toEqual([[443, "192.0.2.7"]]);
});

it.each([
  ["EADDRINUSE", "another program listens there already", "PORT"],
  ["EACCES", "this user may not", "PORT"],
  ["EADDRNOTAVAIL", "this machine has no such address", "HOST"],
  ["ENOTFOUND", "no such name is known", "HOST"],
])("says of %s what it means, where, and which variable names another place", async (code, meaning, variable) => {
  const error = Object.assign(new Error(`listen ${code}`), { code });
  const said: unknown = await listening(refusing(error), AT).catch((thrown: unknown) => thrown);
  expect(said).toBeInstanceOf(UserError);
  expect(String(said)).toContain(`Tidegate cannot listen on port 443 of 192.0.2.7: ${meaning}`);
  expect(String(said)).toContain(`by ${variable}`);
});

it.each([Object.assign(new Error("too many open files"), { code: "EMFILE" }), new TypeError("a fault of ours")])(
  "leaves other errors as they are: %s",
  async (error) => {
    await expect(listening(refusing(error), AT)).rejects.toBe(error);
  },
);
