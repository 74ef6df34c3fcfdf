import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { SlipwayError } from "../../../core/error.ts";
import type { Registry } from "../../../core/registry.ts";
import { resolveDigest } from "../../../registry/digest.ts";
import { tokenEndpoint } from "../../../registry/repository.ts";
import { type Answer, ann, aRegistry, BASIC, behind, closeRegistries, DIGEST, found, status } from "./a-registry.ts";

const MANIFEST = '{"schemaVersion":2}';

async function refusal(image: string, credentials?: Registry, deadline?: Deadline): Promise<string> {
  const thrown: unknown = await resolveDigest(image, credentials, deadline).then(
    (digest) => new Error(`was answered: ${digest}`),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SlipwayError);
  const { message, stack = "", cause } = thrown as SlipwayError;
  expect(`${message} ${stack} ${JSON.stringify(cause)} ${cause}`).not.toMatch(/canary|Y2FuYXJ5|YW5uOmNhbm/);
  return message;
}

it("sends one request to a public registry, for every kind of manifest", async () => {
  const { server, asked } = await aRegistry(found);
  expect(await resolveDigest(`${server}/acme/shop:1.4.2`, undefined)).toBe(DIGEST);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: "HEAD", url: "/v2/acme/shop/manifests/1.4.2", authorization: undefined });
  for (const kind of ["oci.image.index", "manifest.list", "oci.image.manifest", "distribution.manifest.v2"])
    expect(asked[0]?.accept).toContain(kind);
});

it("defaults to the tag latest", async () => {
  const { server, asked } = await aRegistry(found);
  await resolveDigest(`${server}/shop`, undefined);
  expect(asked[0]?.url).toBe("/v2/shop/manifests/latest");
});

it("sends no request for an image that has a digest", async () => {
  const { server, asked } = await aRegistry(found);
  expect(await resolveDigest(`${server}/shop:1.4.2@${DIGEST}`, ann(server))).toBe(DIGEST);
  expect(asked).toEqual([]);
});

it("sends the password only to a registry that asks for it", async () => {
  const { server, asked } = await aRegistry(found);
  await resolveDigest(`${server}/shop:1`, ann(server));
  expect(asked.map(({ authorization }) => authorization)).toEqual([undefined]);
});

it("logs in with Basic if the registry asks for it", async () => {
  const { server, asked } = await aRegistry(behind(BASIC, () => 'Basic realm="shop"'));
  expect(await resolveDigest(`${server}/shop:1`, ann(server))).toBe(DIGEST);
  expect(asked.map(({ authorization }) => authorization)).toEqual([undefined, BASIC]);
});

it("gets a token at the URL from the registry, to pull this repository only", async () => {
  const tokens = await aRegistry((_request, response) => response.end(JSON.stringify({ token: "t0ken" })));
  const { server, asked } = await aRegistry(
    behind(
      "Bearer t0ken",
      () => `Bearer realm="http://${tokens.server}/token?kind=x",service="registry.example",scope="repository:acme/shop:pull"`,
    ),
  );
  expect(await resolveDigest(`${server}/acme/shop:1`, ann(server))).toBe(DIGEST);
  const [login] = tokens.asked;
  expect(login?.authorization).toBe(BASIC);
  expect(Object.fromEntries(new URL(login?.url ?? "", "http://x").searchParams)).toEqual({
    kind: "x",
    service: "registry.example",
    scope: "repository:acme/shop:pull",
  });
  expect(asked.map(({ authorization }) => authorization)).toEqual([undefined, "Bearer t0ken"]);
});

it("gets a token without a login for a public image, and accepts access_token", async () => {
  const tokens = await aRegistry((_request, response) => response.end(JSON.stringify({ access_token: "t0ken" })));
  const { server } = await aRegistry(behind("Bearer t0ken", () => `Bearer realm="http://${tokens.server}/token"`));
  expect(await resolveDigest(`${server}/shop:1`, undefined)).toBe(DIGEST);
  expect(tokens.asked[0]?.authorization).toBeUndefined();
});

it("hashes the manifest if the registry does not send its digest", async () => {
  const { server, asked } = await aRegistry((_request, response) => response.end(MANIFEST));
  const hash = createHash("sha256").update(MANIFEST).digest("hex");
  expect(await resolveDigest(`${server}/shop:1`, undefined)).toBe(`sha256:${hash}`);
  expect(asked.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
});

it("never uses the hash of an error page as the digest", async () => {
  const { server } = await aRegistry((request, response) =>
    request.method === "HEAD" ? response.end() : response.writeHead(410).end("no"),
  );
  expect(await refusal(`${server}/shop:1`)).toContain("the registry answered 410");
});

it("refuses an invalid digest", async () => {
  const { server } = await aRegistry(status(200, { "docker-content-digest": "latest" }));
  expect(await refusal(`${server}/shop:1`)).toContain("could not read the digest");
});

it.each([401, 403])("reports that the registry refused the user, after a %d to the login", async (code) => {
  const { server } = await aRegistry((request, response, asked) =>
    status(request.headers.authorization === undefined ? 401 : code, { "www-authenticate": "Basic" })(request, response, asked),
  );
  const message = await refusal(`${server}/acme/shop:1`, ann(server));
  expect(message).toContain(`the registry ${server} refused user ann for acme/shop (${code})`);
  expect(message).toContain(
    "next: check slipway:registry.username, then: pulumi config set --secret --path 'slipway:registry.password'",
  );
});

it("reports that a login is missing", async () => {
  const { server } = await aRegistry(status(401, { "www-authenticate": "Basic" }));
  expect(await refusal(`${server}/shop:1`)).toContain(`the registry ${server} refused access without a login for shop (401)`);
});

it.each([401, 403])("reports that the token endpoint refused the user with %d", async (code) => {
  const tokens = await aRegistry(status(code));
  const { server } = await aRegistry(behind("-", () => `Bearer realm="http://${tokens.server}/token"`));
  expect(await refusal(`${server}/shop:1`, ann(server))).toContain(`refused user ann for shop (${code})`);
});

it.each([
  ["no JSON", "<html>canary-p4ssword</html>"],
  ["no token", "{}"],
  ["a token of a wrong type", '{"token":7}'],
])("reports that the token endpoint answers with %s", async (_what, body) => {
  const tokens = await aRegistry((_request, response) => response.end(body));
  const { server } = await aRegistry(behind("-", () => `Bearer realm="http://${tokens.server}/token"`));
  expect(await refusal(`${server}/shop:1`, ann(server))).toContain(`could not read the digest of ${server}/shop:1`);
});

it.each(['Bearer realm="not a url"', "Bearer", 'Bearer realm="file:///etc/passwd"'])(
  "reports a challenge without a usable URL: %s",
  async (challenge) => {
    const { server } = await aRegistry(status(401, { "www-authenticate": challenge }));
    expect(await refusal(`${server}/shop:1`, ann(server))).toContain("next: ");
  },
);

it("reports a missing image by name", async () => {
  const { server } = await aRegistry(status(404));
  expect(await refusal(`${server}/acme/shop:1.4.3`)).toBe(
    [
      `the image ${server}/acme/shop:1.4.3 is missing in the registry ${server}`,
      "  serves now: what served before; nothing was changed",
      "  next: push it, or correct slipway:image",
      "  code: IMAGE_NOT_FOUND",
    ].join("\n"),
  );
});

it.each([429, 500, 503])("retries while the registry is busy (%d)", async (code) => {
  const { server, asked } = await aRegistry((request, response, all) =>
    all.length < 3 ? status(code)(request, response, all) : found(request, response, all),
  );
  expect(await resolveDigest(`${server}/shop:1`, undefined)).toBe(DIGEST);
  expect(asked).toHaveLength(3);
});

it("retries when the connection breaks", async () => {
  const { server, asked } = await aRegistry((request, response, all) =>
    all.length < 2 ? request.socket.resetAndDestroy() : found(request, response, all),
  );
  expect(await resolveDigest(`${server}/shop:1`, undefined)).toBe(DIGEST);
  expect(asked).toHaveLength(2);
});

it("gives up on a registry that stays busy, and reports its answer", async () => {
  const { server } = await aRegistry(status(503));
  expect(await refusal(`${server}/shop:1`, undefined, Deadline.in(1))).toContain("the registry answered 503");
});

it.each<readonly [string, Answer]>([
  ["does not answer", () => {}],
  [
    "stops partway through its answer",
    (request, response) => (request.method === "HEAD" ? response.end() : response.writeHead(200).write("{")),
  ],
])("gives up on a registry that %s", async (_what, hang) => {
  const { server } = await aRegistry(hang);
  const start = performance.now();
  const message = await refusal(`${server}/shop:1`, undefined, Deadline.in(0.1));
  expect(message).toContain(`the registry ${server} cannot be reached from this machine`);
  expect(performance.now() - start).toBeLessThan(3000);
});

it("reports that nothing listens", async () => {
  expect(await refusal("127.0.0.1:1/shop:1")).toMatch(/cannot be reached from this machine\n {2}\| bad port/);
  const { server } = await aRegistry(found);
  closeRegistries();
  expect(await refusal(`${server}/shop:1`)).toMatch(/cannot be reached from this machine\n {2}\| connect ECONNREFUSED/);
});

it("sends no authorization to a different origin after a redirect", async () => {
  const elsewhere = await aRegistry(found);
  const { server } = await aRegistry((request, response, asked) =>
    request.headers.authorization === undefined
      ? status(401, { "www-authenticate": "Basic" })(request, response, asked)
      : status(307, { location: `http://${elsewhere.server}/blob` })(request, response, asked),
  );
  expect(await resolveDigest(`${server}/shop:1`, ann(server))).toBe(DIGEST);
  expect(elsewhere.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
});

it("sends no password to a different origin when the token endpoint redirects", async () => {
  const elsewhere = await aRegistry((_request, response) => response.end(JSON.stringify({ token: "t0ken" })));
  const tokens = await aRegistry(status(302, { location: `http://${elsewhere.server}/token` }));
  const { server } = await aRegistry(behind("Bearer t0ken", () => `Bearer realm="http://${tokens.server}/token"`));
  await resolveDigest(`${server}/shop:1`, ann(server));
  expect(elsewhere.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
});

it("sends no login unencrypted unless the registry itself is unencrypted", () => {
  const challenge = 'Bearer realm="http://tokens.example/t",service="x"';
  expect(tokenEndpoint(challenge, "https://registry.example")).toBe(
    "the registry asks for the login to be sent to http://tokens.example, unencrypted",
  );
  expect(String(tokenEndpoint(challenge, "http://127.0.0.1:5000"))).toBe("http://tokens.example/t?service=x");
  expect(String(tokenEndpoint(challenge.replace("http:", "https:"), "https://registry.example"))).toBe(
    "https://tokens.example/t?service=x",
  );
});

it("says that a registry answers plain HTTP", async () => {
  const { server } = await aRegistry(found);
  const elsewhere = server.replace("127.0.0.1", "0.0.0.0");
  expect(await refusal(`${elsewhere}/shop:1`, ann(elsewhere))).toMatch(
    new RegExp(`^the registry ${elsewhere} answers plain HTTP\n[\\s\\S]*next: give the registry a certificate`),
  );
});

it("refuses a manifest that would fill the memory", async () => {
  const { server } = await aRegistry((request, response) => {
    if (request.method === "HEAD") return response.end();
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, "x")));
      if (!response.destroyed) response.once("drain", more);
    };
    return more();
  });
  expect(await refusal(`${server}/shop:1`)).toContain("the answer has more than 16 MiB");
});
