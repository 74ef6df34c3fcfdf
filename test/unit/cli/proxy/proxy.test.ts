import { describe, expect, it } from "vitest";
import { describeAct, type SeenProxy } from "../../../../cli/proxy/act.ts";
import { chooseProxies } from "../../../../cli/proxy/choose.ts";
import { detailsText, type ProxyDetails } from "../../../../cli/proxy/details.ts";
import { proxiesIn } from "../../../../cli/stack/proxies.ts";

const NOW = new Date("2026-01-31T12:00:00Z");
const host = (name: string) => ({ name, address: `${name}.test`, port: 22, user: "root" });

describe("what a person reads before a proxy is touched", () => {
  const web1: SeenProxy = { host: "web-1", state: "running", services: ["blog-web", "shop-web"] };
  const web2: SeenProxy = { host: "web-2", state: "stopped", services: [] };

  it("names every app that it serves, and the gap", () => {
    expect(describeAct("restart", [web1, web2], true)).toEqual([
      "restart kamal-proxy, one host after the other",
      "  web-1  running, serves blog-web, shop-web   gap about 1 s, and at most 11 s while requests in flight end",
      "  web-2  stopped, serves no route",
    ]);
  });

  it("says what a stop means", () => {
    expect(describeAct("stop", [web1], false)).toEqual([
      "stop kamal-proxy",
      "  web-1  running, serves blog-web, shop-web   all of it stops serving",
    ]);
  });

  it("says of a start only where and what", () => {
    expect(describeAct("start", [web1, web2], false)).toEqual([
      "start kamal-proxy",
      "  web-1  running, serves blog-web, shop-web",
      "  web-2  stopped, serves no route",
    ]);
  });
});

describe("the hosts with a proxy", () => {
  const of = (type: string, at: string) => ({
    urn: `urn:pulumi:production::shop::pulumi-nodejs:dynamic/slipway:${type}::${at}`,
    type: `pulumi-nodejs:dynamic/slipway:${type}`,
    inputs: {},
    outputs: { host: host(at) },
  });
  const hosts = proxiesIn({
    resources: [of("Proxy", "web-2"), of("DockerEngine", "db-1"), of("Proxy", "web-1")],
    isUnfinished: false,
  });

  it("are those of the state's proxies, and a pattern takes some of them", () => {
    expect(chooseProxies(hosts, undefined).map(({ name }) => name)).toEqual(["web-1", "web-2"]);
    expect(chooseProxies(hosts, ["*-2"]).map(({ name }) => name)).toEqual(["web-2"]);
    expect(() => chooseProxies(hosts, ["db-1"])).toThrow(/there is no host db-1 with a proxy in this stack/);
  });

  it("are none in a stack without", () => {
    expect(() => chooseProxies({}, undefined)).toThrow("this stack has no proxy");
  });
});

describe("the details of a proxy", () => {
  const details: ProxyDetails = {
    host: "web-1",
    unreachable: null,
    state: "running",
    since: "2026-01-28T12:00:00Z",
    image: "basecamp/kamal-proxy:v0.9.2",
    version: "v0.9.2",
    ports: ["443:443", "80:80"],
    options: ["--metrics-port=9090"],
    routes: [
      {
        service: "shop-web",
        hosts: ["shop.example", "www.shop.example"],
        paths: ["/"],
        targets: ["shop-web-v1"],
        canary: ["shop-web-v2"],
        state: "running",
        message: null,
        tls: "acme",
      },
      {
        service: "blog-web",
        hosts: [],
        paths: ["/blog"],
        targets: ["0123456789ab:80"],
        canary: [],
        state: "stopped",
        message: "Back soon",
        tls: "off",
      },
    ],
    certificates: [],
  };

  it("are a table of its routes", () => {
    expect(detailsText(details, NOW).split("\n")).toEqual([
      "kamal-proxy on web-1   v0.9.2   running for 3 d   ports 443:443, 80:80",
      "  options  --metrics-port=9090",
      "  route     host                           path   to                                state                   tls",
      "  shop-web  shop.example www.shop.example  /      shop-web-v1 shop-web-v2 (canary)  serves                  Let's Encrypt",
      "  blog-web  any host                       /blog  0123456789ab:80                   answers 503: Back soon",
    ]);
  });

  it("say why there are none", () => {
    const none = { ...details, image: null, version: null, since: null, routes: [] };
    expect(detailsText({ ...none, state: "missing" }, NOW)).toBe("kamal-proxy on web-1   missing");
    expect(detailsText({ ...none, unreachable: "connection refused" }, NOW)).toBe(
      "kamal-proxy on web-1   unreachable: connection refused",
    );
  });
});
