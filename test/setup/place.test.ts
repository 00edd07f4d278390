import { describe, expect, it } from "vitest";
import { isAccount, placeOf, registrationPage } from "../../src/setup/place.ts";

describe("where a GitHub is", () => {
  it.each([
    ["https://github.com", "https://github.com", "https://api.github.com"],
    ["https://github.com/", "https://github.com", "https://api.github.com"],
    ["https://ghe.example.com", "https://ghe.example.com", "https://ghe.example.com/api/v3"],
    ["https://ghe.example.com:8443", "https://ghe.example.com:8443", "https://ghe.example.com:8443/api/v3"],
    ["https://acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000", "http://127.0.0.1:4000/api/v3"],
  ])("%s", (address, web, api) => {
    expect(placeOf(address)).toEqual({ kind: "ok", value: { web, api } });
  });

  it.each([
    ["ghe.example.com", /is not the address of a GitHub/],
    ["https://ghe.example.com/api/v3", /is not the address of a GitHub/],
    ["https://ana:word@ghe.example.com", /is not the address of a GitHub/],
    ["ftp://ghe.example.com", /is not the address of a GitHub/],
    ["http://ghe.example.com", /is not encrypted/],
  ])("refuses %s", (address, words) => {
    const place = placeOf(address);
    expect(place.kind === "err" ? place.error : "").toMatch(words);
  });

  it("takes a manifest for an organisation, or for oneself", () => {
    const place = { web: "https://github.com", api: "https://api.github.com" };
    expect(registrationPage(place, "acme", "a b")).toBe(
      "https://github.com/organizations/acme/settings/apps/new?state=a%20b",
    );
    expect(registrationPage(place, undefined, "x")).toBe("https://github.com/settings/apps/new?state=x");
  });

  it.each([
    ["acme", true],
    ["acme-corp", true],
    ["-acme", false],
    ["acme/x", false],
    ["", false],
  ])("knows whether %j can be an account", (text, is) => {
    expect(isAccount(text)).toBe(is);
  });
});
