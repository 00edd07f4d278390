import { expect, it } from "vitest";
import { patientFetch } from "../../../src/adapters/metrics/patient-fetch.ts";

const URL_A = new URL("https://a.example.com/x");

/** A patient fetch over a server that answers so, and what reached the server. */
function patient(...answers: readonly (readonly [number, Readonly<Record<string, string>>])[]) {
  const asked: string[] = [];
  let now = 0;
  const fetch = patientFetch(
    (url) => {
      const [status, headers] = answers[Math.min(asked.length, answers.length - 1)] ?? [200, {}];
      asked.push(url.href);
      return Promise.resolve(new Response("{}", { status, headers }));
    },
    () => now,
  );
  const ask = async (seconds: number, url = URL_A, headers = {}) => {
    now = seconds * 1000;
    return (await fetch(url, { headers })).status;
  };
  return { ask, asked };
}

it("leaves alone who asks for it, for as long as that is asked", async () => {
  const { ask, asked } = patient([429, { "retry-after": "30" }], [200, {}]);
  expect([await ask(0), await ask(1), await ask(29), asked.length]).toEqual([429, 429, 429, 1]);
  expect([await ask(30), asked.length]).toEqual([200, 2]);
});

it("says how long there still is to wait", async () => {
  let now = 0;
  const busy = () => Promise.resolve(new Response(null, { status: 429, headers: { "x-ratelimit-reset": "30" } }));
  const fetch = patientFetch(busy, () => now);
  await fetch(URL_A, {});
  now = 20_500;
  expect((await fetch(URL_A, {})).headers.get("retry-after")).toBe("10");
});

it("waits ten minutes at most, and not at all where no time is given", async () => {
  const long = patient([429, { "retry-after": "999999" }], [200, {}]);
  expect([await long.ask(0), await long.ask(599), await long.ask(600)]).toEqual([429, 429, 200]);
  const unsaid = patient([429, {}], [200, {}]);
  expect([await unsaid.ask(0), await unsaid.ask(0)]).toEqual([429, 200]);
});

it("tells servers and keys apart, but not signatures of one key", async () => {
  const { ask } = patient([429, { "retry-after": "30" }], [200, {}]);
  const signed = (signature: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260101/r/s/aws4_request, Signature=${signature}`,
    "x-amz-date": signature,
  });
  expect(await ask(0, URL_A, signed("1"))).toBe(429);
  expect(await ask(1, URL_A, signed("2"))).toBe(429);
  expect(await ask(1, new URL("https://b.example.com"), signed("2"))).toBe(200);
  expect(await ask(1, URL_A, { authorization: "Bearer other" })).toBe(200);
});
