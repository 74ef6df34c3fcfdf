import { beforeAll, describe, expect, it, vi } from "vitest";
import { Deployment } from "../../../components/deployment.ts";
import { read } from "../config/fixture.ts";
import { mocked, needsOf as needsOfRequest } from "./fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const inputsOf = new Map<string, Record<string, unknown>>();
const needsOf = new Map<string, string[]>();

beforeAll(async () => {
  const { registered, requests } = await mocked();
  const config = read({
    servers: {
      web: { hosts: { "web-1": "203.0.113.10" } },
      mail: {
        hosts: { "mail-1": "203.0.113.11" },
        cmd: "bin/mail",
        options: { publish: ["0.0.0.0:25:2525", "127.0.0.1:9000:9000"] },
      },
    },
    accessories: {
      search: {
        image: "acme/search:1",
        host: "mail-1",
        port: "127.0.0.1:9200:9200",
        public: true,
        options: { publish: ["0.0.0.0:9600:9600"] },
      },
    },
    firewall: { ssh_from: ["198.51.100.0/24"], allow: [{ port: 5432, from: ["10.0.0.0/16"] }] },
    harden: { user: "ship" },
  });
  new Deployment(config, Promise.resolve({ image: DIGEST, canary: undefined }));
  await vi.waitFor(() => expect(registered.map(({ name }) => name)).toContain("shop-exposure"));
  for (const { type, name, inputs } of registered) if (!type.startsWith("slipway:")) inputsOf.set(name, inputs);
  for (const request of requests()) needsOf.set(request.getName(), needsOfRequest(request));
});

const hostIn = (name: string) => inputsOf.get(name)?.host as { user: string };

describe("hosts with a firewall and hardened SSH", () => {
  it("are hardened by who logs in now, and used by the new user from then on", () => {
    expect(hostIn("web-1-hardening").user).toBe("root");
    for (const name of ["web-1-docker", "web-1-firewall", "web-1-proxy"]) {
      expect(hostIn(name).user).toBe("ship");
      expect(needsOf.get(name)).toContain("web-1-hardening");
    }
    const { hosts } = inputsOf.get("shop") as { hosts: Record<string, { user: string }> };
    expect(Object.values(hosts).map(({ user }) => user)).toEqual(["ship", "ship"]);
  });

  it("open what their own proxy and roles publish, what is allowed, and SSH", () => {
    expect(inputsOf.get("web-1-firewall")).toMatchObject({
      ssh: ["198.51.100.0/24"],
      open: ["80/tcp", "443/tcp", "5432/tcp from 10.0.0.0/16"],
    });
    expect(inputsOf.get("mail-1-firewall")?.open).toEqual(["25/tcp", "5432/tcp from 10.0.0.0/16", "9600/tcp"]);
  });

  it("have all ports of an accessory published by its container", () => {
    const search = [...inputsOf.values()].find(({ accessory }) => accessory === "search");
    expect(search?.publish).toEqual([
      { ip: "127.0.0.1", hostPort: 9200, containerPort: 9200, protocol: "tcp" },
      { ip: "0.0.0.0", hostPort: 9600, containerPort: 9600, protocol: "tcp" },
    ]);
  });

  it("are tried from outside after each release, against the same list", () => {
    const { declared, release } = inputsOf.get("shop-exposure") ?? {};
    expect(declared).toEqual({
      "mail-1": inputsOf.get("mail-1-firewall")?.open,
      "web-1": inputsOf.get("web-1-firewall")?.open,
    });
    expect(release).toBe(inputsOf.get("shop")?.release);
    expect(needsOf.get("shop-exposure")).toContain("shop");
  });

  it("are closed before the proxy starts", () => expect(needsOf.get("web-1-proxy")).toContain("web-1-firewall"));
});
