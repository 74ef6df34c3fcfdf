import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Dockerode from "dockerode";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { Registry } from "../../core/registry.ts";
import { inspectDistribution, pullImage } from "../../hosts/docker/images.ts";
import type { Call } from "../../hosts/docker/patience.ts";
import type { Work } from "../../hosts/docker/transport.ts";
import { confirmTag } from "../../registry/confirm-tag.ts";
import { resolveDigest } from "../../registry/digest.ts";
import { resolvePlatforms } from "../../registry/platforms.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const PASSWORD = "canary-p4ssword";

/** Registry and Docker in one: it records the logins that it gets, and asks for one where a registry does. */
let server: string;
let docker: Dockerode;
const got: string[] = [];
const http = createServer(({ headers, url = "" }, response) => {
  for (const name of ["authorization", "x-registry-auth"] as const) {
    const value = headers[name];
    if (typeof value === "string") got.push(Buffer.from(value.replace("Basic ", ""), "base64").toString());
  }
  const isRegistry = url.startsWith("/v2/");
  if (isRegistry && headers.authorization === undefined)
    response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' });
  else response.writeHead(200, { "docker-content-digest": DIGEST, "content-type": "application/json" });
  response.end(url.startsWith("/images/") ? "" : JSON.stringify({ Descriptor: { digest: DIGEST }, Platforms: [] }));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  server = `127.0.0.1:${port}`;
  docker = new Dockerode({ host: "127.0.0.1", port });
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

const deadline = () => Deadline.in(5);
/** The host's Docker, reached without SSH. */
const call: Call = { signal: new AbortController().signal, renew: () => {} };
const transport = {
  request: <T>(_what: string, work: Work<T>) => work(docker, call),
  change: <T>(_what: string, work: Work<T>) => work(docker, call),
};

/** Every way to a registry: the operator's for the digest, the tag and the CPU, a host's for the look before a pull and the pull itself. */
const WAYS: Readonly<Record<string, (image: string, login: Registry) => Promise<unknown>>> = {
  "reading the digest": (image, login) => resolveDigest(image, login, deadline()),
  "comparing tag and digest": (image, login) => confirmTag(`${image}@${DIGEST}`, login),
  "reading the platforms": (image, login) => resolvePlatforms(image, login, deadline()),
  "the look of a host": (image, login) => inspectDistribution(transport, image, login),
  "the pull of a host": (image, login) => pullImage(transport, image, login, { deadline: deadline() }),
};

it.each(Object.keys(WAYS))("%s sends the login to its own registry, and to no other", async (way) => {
  const go = (login: string) =>
    WAYS[way]?.(`${server}/acme/shop:1`, { server: login, username: "ann", password: PASSWORD }).catch(() => undefined);
  got.length = 0;
  await go("ghcr.io");
  expect(got.join()).not.toContain(PASSWORD);
  await go(server);
  expect(got.join()).toContain(PASSWORD);
});
