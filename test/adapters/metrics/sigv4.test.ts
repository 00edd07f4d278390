import { expect, it } from "vitest";
import { signatureOf, signedFetch } from "../../../src/adapters/metrics/sigv4.ts";

// The key, the time and the signatures of AWS's published Signature Version 4 test suite.
const KEY = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token: undefined };
const AT = Date.UTC(2015, 7, 30, 12, 36, 0);
const SCOPE = { region: "us-east-1", service: "service", at: AT };
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

type Case = {
  readonly method?: string;
  readonly query?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

function signatureFor({ method = "GET", query = "", path = "/", headers = {}, body = "" }: Case) {
  const url = new URL(`https://example.amazonaws.com${path}${query}`);
  return signatureOf({ method, url, headers, body }, KEY, SCOPE);
}

it.each<readonly [string, Case, string, string]>([
  ["get-vanilla", {}, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  [
    "get-vanilla-query-order-key-case",
    { query: "?Param2=value2&Param1=value1" },
    "host;x-amz-date",
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  [
    "get-vanilla-query-order-encoded",
    { query: "?Param-3=Value3&Param=Value2&%E1%88%B4=Value1" },
    "host;x-amz-date",
    "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
  ],
  [
    "get-vanilla-query-unreserved",
    { query: `?${UNRESERVED}=${UNRESERVED}` },
    "host;x-amz-date",
    "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
  ],
  [
    "get-unreserved",
    { path: `/${UNRESERVED}` },
    "host;x-amz-date",
    "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  ],
  [
    "get-header-value-trim",
    { headers: { "My-Header1": " value1", "My-Header2": ' "a   b   c"' } },
    "host;my-header1;my-header2;x-amz-date",
    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  ],
  [
    "post-vanilla",
    { method: "POST" },
    "host;x-amz-date",
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  ],
  [
    "post-x-www-form-urlencoded",
    { method: "POST", headers: FORM, body: "Param1=value1" },
    "content-type;host;x-amz-date",
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
])("%s is signed as AWS publishes it", (_, request, names, signature) => {
  expect(signatureFor(request)).toEqual({
    "x-amz-date": "20150830T123600Z",
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
  });
});

it("signs the token of temporary keys", () => {
  const url = new URL("https://example.amazonaws.com/");
  const signed = signatureOf({ method: "GET", url, headers: {}, body: "" }, { ...KEY, token: "temporary" }, SCOPE);
  expect(signed["x-amz-security-token"]).toBe("temporary");
  expect(signed["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token");
});

it("sends the query as it was signed, and the time of each request", async () => {
  const sent: { readonly url: string; readonly headers: Headers }[] = [];
  let now = AT;
  const fetch = signedFetch(
    (url, init) => {
      sent.push({ url: url.href, headers: new Headers(init.headers) });
      return Promise.resolve(new Response("{}"));
    },
    KEY,
    { region: "us-east-1", service: "aps", now: () => now },
  );
  const url = new URL("https://aps.example.com/workspaces/ws-1/api/v1/query?query=sum(rate(a%5B1m%5D))+or+b&time=1");
  await fetch(url, { headers: { "X-Scope-OrgID": "acme" } });
  now += 1_000;
  await fetch(url, { headers: { "X-Scope-OrgID": "acme" } });
  expect(sent[0]?.url).toBe(
    "https://aps.example.com/workspaces/ws-1/api/v1/query?query=sum%28rate%28a%5B1m%5D%29%29%20or%20b&time=1",
  );
  expect(sent[0]?.headers.get("authorization")).toContain("SignedHeaders=host;x-amz-date;x-scope-orgid");
  expect(sent.map(({ headers }) => headers.get("x-amz-date"))).toEqual(["20150830T123600Z", "20150830T123601Z"]);
});
