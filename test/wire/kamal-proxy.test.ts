import { mkdir, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RouteOptions } from "../../core/route.ts";
import { deployArguments } from "../../hosts/proxy/arguments.ts";
import { routeDifferences } from "../../hosts/proxy/route.ts";
import { command } from "../../lab/command.ts";
import { anApp, freePorts, LocalProxy, PLAIN, portOf } from "./local-proxy.ts";

let proxy: LocalProxy;
let app: Server;
let admin: Server;
let target: string;

beforeAll(async () => {
  [proxy, app, admin] = await Promise.all([LocalProxy.start(), anApp(), anApp()]);
  target = `127.0.0.1:${portOf(app)}`;
  await Promise.all([certificate(), errorPages()]);
}, 900_000);

afterAll(async () => {
  await proxy.stop();
  for (const server of [app, admin]) server.close();
});

const certificate = (): Promise<string> =>
  command(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"].concat([
      "-subj",
      "/CN=shop.example",
      "-keyout",
      join(proxy.home, "key.pem"),
      "-out",
      join(proxy.home, "cert.pem"),
    ]) as [string, ...string[]],
  );

async function errorPages(): Promise<void> {
  await mkdir(join(proxy.home, "pages"));
  await writeFile(join(proxy.home, "pages/502.html"), "down");
}

/** Every option with a value that is not its default; functions, because some values are known only when the proxy is running. */
const VARIATIONS: Readonly<Record<string, (plain: RouteOptions) => Partial<RouteOptions>>> = {
  "the defaults of the config": () => ({}),
  "every host name": () => ({ hosts: [] }),
  "several and wildcard hosts": () => ({ hosts: ["shop.example", "*.shop.example", "www.shop.example"] }),
  "a path prefix": () => ({ pathPrefixes: ["/api"] }),
  "path prefixes that are not normalized": () => ({ pathPrefixes: ["api/", "//admin//"] }),
  "no path prefixes": () => ({ pathPrefixes: [] }),
  "a comma in a path prefix": () => ({ pathPrefixes: ["/a,b", "/c"] }),
  "a prefix that is kept": () => ({ pathPrefixes: ["/api"], stripPathPrefix: false }),
  "certificates from Let's Encrypt": () => ({ tls: { kind: "acme", staging: false } }),
  "certificates from its staging directory": () => ({ tls: { kind: "acme", staging: true }, tlsRedirect: false }),
  "a certificate of one's own": () => ({
    tls: { kind: "certificate", certificatePath: join(proxy.home, "cert.pem"), privateKeyPath: join(proxy.home, "key.pem") },
  }),
  "no redirect to https": () => ({ tlsRedirect: false }),
  "a canonical host": () => ({ hosts: ["shop.example", "www.shop.example"], canonicalHost: "shop.example" }),
  "another health check": ({ healthcheck }) => ({
    healthcheck: { ...healthcheck, path: "/healthz?deep=1", interval: 0.25, timeout: 1.5 },
  }),
  "a health check on another port and host": ({ healthcheck }) => ({
    healthcheck: { ...healthcheck, port: portOf(admin), host: "health.example" },
  }),
  "a response timeout with a fraction": () => ({ responseTimeout: 1.25 }),
  "no buffering": ({ buffering }) => ({ buffering: { ...buffering, requests: false, responses: false } }),
  "no request buffering": ({ buffering }) => ({ buffering: { ...buffering, requests: false, maxResponseBody: 99 } }),
  "no response buffering": ({ buffering }) => ({ buffering: { ...buffering, responses: false, maxRequestBody: 99 } }),
  "limits of bodies and memory": ({ buffering }) => ({
    buffering: { ...buffering, memory: 4096, maxRequestBody: 5_000_000_000, maxResponseBody: 1 },
  }),
  "no forwarded headers": () => ({ forwardHeaders: false }),
  "logged headers, in any case": () => ({
    logging: { requestHeaders: ["x-request-id", "COOKIE", "X-B3-traceid"], responseHeaders: ["etag", "x-Cache"] },
  }),
  "no logged headers": () => ({ logging: { requestHeaders: [], responseHeaders: [] } }),
  "cookies of a path": () => ({ scopeCookiePaths: true, pathPrefixes: ["/api"] }),
  "error pages": () => ({ errorPages: join(proxy.home, "pages") }),
};

describe("the state of the proxy matches the command", () => {
  it.each(Object.entries(VARIATIONS))("for %s", async (_about, vary) => {
    const options = { ...PLAIN, ...vary(PLAIN) };
    const route = await proxy.deploy([target], options);
    expect(route).toMatchObject({ service: "shop-web", targets: [target], state: { kind: "running" }, rollout: undefined });
    expect(route && routeDifferences(route.options, options)).toEqual([]);
  });

  it("for all pairs of them that the proxy accepts", async () => {
    const names = Object.keys(VARIATIONS);
    const pairs = names.flatMap((a, at) => names.slice(at + 1).map((b) => [a, b] as const));
    const refused: string[] = [];
    for (const [a, b] of pairs) {
      const first = { ...PLAIN, ...VARIATIONS[a]?.(PLAIN) };
      const options = { ...first, ...VARIATIONS[b]?.(first) };
      const route = await proxy.deploy([target], options).catch((thrown: unknown) => {
        refused.push(`${a} with ${b}: ${thrown}`);
        return undefined;
      });
      if (route) expect(routeDifferences(route.options, options), `${a} with ${b}`).toEqual([]);
    }
    // The config refuses these: a certificate without a host name or the root path, or for a wildcard.
    for (const why of refused) expect(why).toMatch(/host must be set|root path|canonical-host|wildcards/);
    expect(refused.length).toBeLessThan(pairs.length / 4);
  });
});

describe("the routes of the proxy", () => {
  it("report each difference by the name of its option, and no other", async () => {
    const plain = await proxy.deploy([target], PLAIN);
    expect(plain).toBeDefined();
    const differing = Object.entries(VARIATIONS).map(([about, vary]) => {
      const changes = vary(PLAIN);
      return [
        about,
        plain ? routeDifferences(plain.options, { ...PLAIN, ...changes }) : [],
        Object.keys(changes).sort(),
      ] as const;
    });
    for (const [about, differences, changed] of differing)
      expect(differences, about).toEqual(about === "no path prefixes" ? [] : changed);
  });

  it("ignore encryption below a path, as the proxy uses that of the service at the root", async () => {
    await proxy.control("remove", "shop-web");
    await proxy.deploy([target], { ...PLAIN, tls: { kind: "acme", staging: true }, tlsRedirect: false }, "root-web");
    const api = { ...PLAIN, pathPrefixes: ["/api"] };
    const route = await proxy.deploy([target], api, "api-web");
    expect(route?.options.tls.kind).toBe("acme");
    expect(route && routeDifferences(route.options, api)).toEqual([]);
    expect(route && routeDifferences(route.options, { ...api, forwardHeaders: false })).toEqual(["forwardHeaders"]);
    for (const service of ["root-web", "api-web"]) await proxy.control("remove", service);
  });

  it("keep services separate, and lose only the one that is removed", async () => {
    await proxy.deploy([target], PLAIN);
    await proxy.deploy([target], { ...PLAIN, hosts: ["blog.example"] }, "blog-web");
    expect((await proxy.routes()).map(({ service }) => service).sort()).toEqual(["blog-web", "shop-web"]);
    await proxy.control("remove", "blog-web");
    expect((await proxy.routes()).map(({ service }) => service)).toEqual(["shop-web"]);
  });

  it("keep the old target when the new one is not healthy", async () => {
    await proxy.deploy([target], PLAIN);
    const [dead] = await freePorts(1);
    const [, ...argv] = deployArguments("shop-web", [`127.0.0.1:${dead}`], PLAIN, { deploy: 1, drain: 1 });
    await expect(proxy.control(...argv)).rejects.toThrow(/failed to become healthy/);
    expect((await proxy.route())?.targets).toEqual([target]);
  });

  it("refuse an address of a different service, which the plan calls a clash", async () => {
    await proxy.deploy([target], PLAIN);
    await expect(proxy.deploy([target], PLAIN, "blog-web")).rejects.toThrow(/host settings conflict with another service/);
  });
});
