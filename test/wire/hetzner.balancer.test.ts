import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import { HetznerCloud } from "../../lab/hetzner/cloud.ts";
import { Client, type Json } from "./hetzner-client.ts";

let cloud: HetznerCloud;
let client: Client;
let apps: Server[];
let isWell: Map<string, boolean>;

/** Two machines on this one: an app on the same port of two addresses. */
const ADDRESSES = ["127.0.0.21", "127.0.0.22"];
let port: number;

beforeEach(async () => {
  isWell = new Map(ADDRESSES.map((address) => [address, true]));
  apps = [];
  port = 0;
  for (const address of ADDRESSES) {
    const app = createServer((ask, answer) => {
      if (ask.url === "/up") return answer.writeHead(isWell.get(address) ? 200 : 503).end();
      return answer.end(JSON.stringify({ address, proto: ask.headers["x-forwarded-proto"], host: ask.headers.host }));
    });
    app.listen(port, address);
    await once(app, "listening");
    port = (app.address() as AddressInfo).port;
    apps.push(app);
  }
  const left = [...ADDRESSES];
  cloud = await HetznerCloud.start({
    machines: { boot: async () => ({ address: left.shift() ?? "" }), remove: async () => {} },
    action: 5,
    second: 10,
  });
  client = new Client(cloud);
});

afterEach(async () => {
  await cloud[Symbol.asyncDispose]();
  for (const app of apps) app.close();
});

/** A load balancer before both apps. */
async function aBalancer(service: object): Promise<Json> {
  const { load_balancer } = await client.make("/load_balancers", { name: "lb", load_balancer_type: "lb11", location: "fsn1" });
  const path = `/load_balancers/${load_balancer?.id}/actions`;
  const health_check = {
    protocol: "http",
    port,
    interval: 3,
    timeout: 1,
    retries: 2,
    http: { path: "/up", status_codes: ["2??"] },
  };
  await client.make(`${path}/add_service`, { destination_port: port, health_check, ...service });
  for (const name of ["web-1", "web-2"]) {
    const { server } = await client.make("/servers", { name, server_type: "cx22", image: "debian-13", location: "fsn1" });
    await client.make(`${path}/add_target`, { type: "server", server: { id: server?.id } });
  }
  return load_balancer as Json;
}

const addressOf = (balancer: Json): string => String(balancer.public_net?.ipv4?.ip);

/** Waits until the targets have this health. */
async function expectHealth({ id }: Json, ...wanted: string[]): Promise<void> {
  const look = async () => {
    const { targets } = (await client.get(`/load_balancers/${id}`)).body.load_balancer as Json;
    const seen = (targets as unknown as Json[]).map((target) => target.health_status?.[0]?.status);
    return seen.join() === wanted.join() ? true : undefined;
  };
  await Deadline.in(10).until(look, () => new Error(`the targets are never ${wanted.join(", ")}`));
}

describe("a load balancer", () => {
  it("sends requests to all healthy targets, and to no other", async () => {
    const balancer = await aBalancer({ protocol: "http", listen_port: 8080 });
    const ask = async () =>
      (await fetch(`http://${addressOf(balancer)}:8080/`)).json() as Promise<{ address: string; proto: string }>;
    await expectHealth(balancer, "healthy", "healthy");
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(new Set(answers.map(({ address }) => address))).toEqual(new Set(ADDRESSES));
    expect(answers[0]?.proto).toBe("http");

    isWell.set("127.0.0.21", false);
    await expectHealth(balancer, "unhealthy", "healthy");
    for (const { address } of await Promise.all([ask(), ask(), ask()])) expect(address).toBe("127.0.0.22");

    isWell.set("127.0.0.22", false);
    await expectHealth(balancer, "unhealthy", "unhealthy");
    expect((await fetch(`http://${addressOf(balancer)}:8080/`)).status).toBe(503);
  });

  it("drops a target when it or its server is removed", async () => {
    const balancer = await aBalancer({ protocol: "tcp", listen_port: 8080 });
    await expectHealth(balancer, "healthy", "healthy");
    const [first, second] = (await client.get("/servers")).body.servers as unknown as { id: number }[];
    await client.make(`/load_balancers/${balancer.id}/actions/remove_target`, { type: "server", server: { id: first?.id } });
    const ask = async () =>
      (await (await fetch(`http://${addressOf(balancer)}:8080/`, { headers: { connection: "close" } })).json()) as Json;
    for (let at = 0; at < 3; at += 1) expect((await ask()).address).toBe("127.0.0.22");
    const gone = await client.call("DELETE", `/servers/${second?.id}`);
    await client.ended(gone.body.action?.id);
    expect((await client.get(`/load_balancers/${balancer.id}`)).body.load_balancer?.targets).toEqual([]);
    await expect(ask()).rejects.toThrow();
  });

  it("terminates TLS with a managed certificate and redirects plain HTTP", async () => {
    const { certificate } = await client.make("/certificates", { name: "shop", type: "managed", domain_names: ["shop.example"] });
    const http = { certificates: [certificate?.id], redirect_http: true };
    const balancer = await aBalancer({ protocol: "https", listen_port: 443, http });
    await expectHealth(balancer, "healthy", "healthy");
    const issued = (await client.get(`/certificates/${certificate?.id}`)).body.certificate;
    expect(issued).toMatchObject({ status: { issuance: "completed" }, used_by: [{ id: balancer.id, type: "load_balancer" }] });
    const body = await secureGet(addressOf(balancer), "shop.example", String(issued?.certificate));
    expect(JSON.parse(body)).toMatchObject({ proto: "https", host: "shop.example" });
    const plain = await fetch(`http://${addressOf(balancer)}/cart`, { redirect: "manual" });
    expect([plain.status, plain.headers.get("location")]).toEqual([301, `https://${addressOf(balancer)}/cart`]);
  });
});

/** Trusts only that certificate. */
function secureGet(address: string, name: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ host: address, port: 443, servername: name, headers: { host: name }, ca, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => {
        text += chunk;
      });
      answer.on("end", () => resolve(text));
    });
    call.on("error", reject).end();
  });
}
