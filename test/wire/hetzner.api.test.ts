import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HetznerCloud } from "../../lab/hetzner/cloud.ts";
import { imaginaryMachines, type MachineOrder } from "../../lab/hetzner/machines.ts";
import { Client, type Json } from "./hetzner-client.ts";

let cloud: HetznerCloud;
let client: Client;
let ordered: MachineOrder[];
let removed: string[];
/** The next power action waits for this. */
let power: Promise<void>;

beforeEach(async () => {
  [ordered, removed, power] = [[], [], Promise.resolve()];
  const imaginary = imaginaryMachines();
  cloud = await HetznerCloud.start({
    machines: {
      ...imaginary,
      boot: (order) => {
        ordered.push(order);
        return imaginary.boot(order);
      },
      remove: async (name) => void removed.push(name),
      power: () => power,
    },
    action: 5,
  });
  client = new Client(cloud);
});

afterEach(() => cloud[Symbol.asyncDispose]());

const SERVER = { server_type: "cx22", image: "debian-13", location: "fsn1" };
const aServer = async (name: string, more: object = {}): Promise<Json> =>
  (await client.make("/servers", { name, ...SERVER, ...more })).server as Json;

/** A public key as `ssh-keygen` prints it. */
function aKey(): string {
  const raw = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([part(Buffer.from("ssh-ed25519")), part(raw)]).toString("base64")}`;
}

describe("the API", () => {
  it("refuses calls without the token", async () => {
    const { status, body } = await client.call("GET", "/servers", undefined, "wrong");
    expect([status, body]).toEqual([401, { error: { code: "unauthorized", message: expect.any(String), details: null } }]);
  });

  it("returns lists in pages, filtered by name and labels", async () => {
    for (let at = 0; at < 30; at += 1)
      await client.make("/placement_groups", { name: `group-${at}`, type: "spread", labels: { odd: String(at % 2) } });
    const first = (await client.get("/placement_groups")).body;
    expect(first.placement_groups).toHaveLength(25);
    expect(first.meta?.pagination).toEqual({
      page: 1,
      per_page: 25,
      previous_page: null,
      next_page: 2,
      last_page: 2,
      total_entries: 30,
    });
    expect((await client.get("/placement_groups?page=2")).body.placement_groups).toHaveLength(5);
    const named = (await client.get("/placement_groups?name=group-7")).body.placement_groups;
    expect(named).toMatchObject([{ name: "group-7" }]);
    const count = async (selector: string) =>
      (await client.get(`/placement_groups?per_page=50&label_selector=${encodeURIComponent(selector)}`)).body.placement_groups;
    expect(await count("odd=1")).toHaveLength(15);
    expect(await count("odd in (0,1),!even")).toHaveLength(30);
    expect(await count("odd notin (0)")).toHaveLength(15);
    expect(await count("even")).toHaveLength(0);
  });

  it("reports the invalid field, and a name that is in use", async () => {
    const wrong = await client.call("POST", "/servers", { ...SERVER, name: "not a host name" });
    expect([wrong.status, wrong.body.error]).toMatchObject([
      422,
      { code: "invalid_input", details: { fields: [{ name: "name" }] } },
    ]);
    await aServer("web-1");
    const again = await client.call("POST", "/servers", { ...SERVER, name: "web-1" });
    expect([again.status, again.body.error?.code]).toEqual([409, "uniqueness_error"]);
    expect((await client.get("/servers/1")).body.error?.code).toBe("not_found");
    expect((await client.get("/no-such-thing")).status).toBe(404);
  });

  it("refuses calls over the limit and reports when it resets", async () => {
    cloud.faults.limitRate(2, 3);
    const refused = await client.get("/servers");
    expect([refused.status, refused.body.error?.code]).toEqual([429, "rate_limit_exceeded"]);
    expect(refused.headers.get("ratelimit-remaining")).toBe("0");
    expect(Number(refused.headers.get("ratelimit-reset")) * 1000).toBeGreaterThan(Date.now());
    expect((await client.get("/servers")).status).toBe(429);
    expect((await client.get("/servers")).status).toBe(200);
  });
});

describe("a server", () => {
  it("boots with its keys and user data, and has the states of a real one", async () => {
    const publicKey = aKey();
    const { ssh_key } = await client.make("/ssh_keys", { name: "ops", public_key: publicKey });
    const userData = "#cloud-config\npackages: [curl]\n";
    const made = await client.call("POST", "/servers", {
      ...SERVER,
      name: "web-1",
      ssh_keys: [ssh_key?.id],
      user_data: userData,
    });
    expect(made.body.server).toMatchObject({ status: "initializing", locked: true });
    expect(made.body.action).toMatchObject({ command: "create_server", status: "running" });
    for (const action of [made.body.action, made.body.next_actions?.[0]])
      expect(await client.ended(action?.id)).toMatchObject({ status: "success", progress: 100 });
    expect((await client.get(`/servers/${made.body.server?.id}`)).body.server).toMatchObject({
      status: "running",
      locked: false,
    });
    expect(ordered).toEqual([{ name: "web-1", userData, authorizedKeys: [publicKey], sshDelay: 0 }]);
  });

  it("removes what was created with it, and keeps the rest", async () => {
    const { primary_ip } = await client.make("/primary_ips", { name: "kept", type: "ipv4", location: "fsn1" });
    const { volume } = await client.make("/volumes", { name: "data", size: 10, location: "fsn1" });
    const server = await aServer("web-1", { public_net: { ipv4: primary_ip?.id }, volumes: [volume?.id] });
    expect(server.public_net?.ipv4?.ip).toBe(primary_ip?.ip);
    expect(cloud.inventory()).toEqual({ server: 1, primary_ip: 2, volume: 1 });
    const gone = await client.call("DELETE", `/servers/${server.id}`);
    await client.ended(gone.body.action?.id);
    expect(removed).toEqual(["web-1"]);
    expect(cloud.inventory()).toEqual({ primary_ip: 1, volume: 1 });
    expect((await client.get(`/primary_ips/${primary_ip?.id}`)).body.primary_ip).toMatchObject({ assignee_id: null });
  });

  it("cannot be deleted while protected", async () => {
    const { id } = await aServer("db-1");
    await client.make(`/servers/${id}/actions/change_protection`, { delete: true, rebuild: true });
    const refused = await client.call("DELETE", `/servers/${id}`);
    expect([refused.status, refused.body.error?.code]).toEqual([423, "protected"]);
  });

  it("is locked during an action, and changes its type only while it is off", async () => {
    const { id } = await aServer("web-1");
    const wanted = { server_type: "cx32", upgrade_disk: true };
    const on = await client.call("POST", `/servers/${id}/actions/change_type`, wanted);
    expect(on.body.error?.code).toBe("server_not_stopped");
    const { promise, resolve: switchOff } = Promise.withResolvers<void>();
    power = promise;
    const off = await client.call("POST", `/servers/${id}/actions/poweroff`);
    const meanwhile = await client.call("POST", `/servers/${id}/actions/enable_backup`);
    expect([off.status, meanwhile.status, meanwhile.body.error?.code]).toEqual([201, 423, "locked"]);
    switchOff();
    await client.ended(off.body.action?.id);
    await client.make(`/servers/${id}/actions/change_type`, wanted);
    expect((await client.get(`/servers/${id}`)).body.server).toMatchObject({
      server_type: { name: "cx32" },
      primary_disk_size: 80,
    });
  });

  it("cannot be created over the quota, in a full location, or when its action fails", async () => {
    await aServer("web-1");
    cloud.faults.servers = 1;
    const over = await client.call("POST", "/servers", { ...SERVER, name: "web-2" });
    expect([over.status, over.body.error?.code]).toEqual([403, "resource_limit_exceeded"]);
    cloud.faults.servers = undefined;
    cloud.faults.full = "fsn1";
    const full = await client.call("POST", "/servers", { ...SERVER, name: "web-2" });
    expect([full.status, full.body.error?.code]).toEqual([412, "resource_unavailable"]);
    cloud.faults.full = undefined;
    cloud.faults.failAction("create_server", { code: "server_error", message: "no luck" });
    const { body } = await client.call("POST", "/servers", { ...SERVER, name: "web-2" });
    expect(await client.ended(body.action?.id)).toMatchObject({
      status: "error",
      error: { code: "server_error", message: "no luck" },
    });
  });
});

describe("networks and firewalls", () => {
  it("attach servers at the wanted address or the first free one", async () => {
    const { network } = await client.make("/networks", { name: "shop", ip_range: "10.0.0.0/16" });
    const zone = { type: "cloud", network_zone: "eu-central" };
    await client.make(`/networks/${network?.id}/actions/add_subnet`, { ...zone, ip_range: "10.0.1.0/24" });
    const overlapping = await client.call("POST", `/networks/${network?.id}/actions/add_subnet`, {
      ...zone,
      ip_range: "10.0.0.0/23",
    });
    expect(overlapping.body.error?.code).toBe("invalid_input");
    const [first, second] = [await aServer("web-1", { networks: [network?.id] }), await aServer("web-2")];
    const taken = await client.call("POST", `/servers/${second.id}/actions/attach_to_network`, {
      network: network?.id,
      ip: "10.0.1.2",
    });
    expect(taken.body.error?.code).toBe("ip_not_available");
    await client.make(`/servers/${second.id}/actions/attach_to_network`, { network: network?.id, ip: "10.0.1.77" });
    const net = async ({ id }: Json) => (await client.get(`/servers/${id}`)).body.server?.private_net?.[0]?.ip;
    expect([await net(first), await net(second)]).toEqual(["10.0.1.2", "10.0.1.77"]);
    const inUse = await client.call("POST", `/networks/${network?.id}/actions/delete_subnet`, { ip_range: "10.0.1.0/24" });
    expect(inUse.body.error?.code).toBe("resource_in_use");
  });

  it("store a firewall's rules, and apply it by labels", async () => {
    const rule = { direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0"] };
    const apply_to = [{ type: "label_selector", label_selector: { selector: "app=shop" } }];
    const { firewall } = await client.make("/firewalls", { name: "shop", rules: [rule], apply_to });
    const portless = await client.call("POST", `/firewalls/${firewall?.id}/actions/set_rules`, {
      rules: [{ ...rule, port: undefined }],
    });
    expect(portless.body.error?.code).toBe("invalid_input");
    await client.make(`/firewalls/${firewall?.id}/actions/set_rules`, { rules: [rule, { ...rule, port: "443" }] });
    const { id } = await aServer("web-1", { labels: { app: "shop" } });
    const shown = (await client.get(`/firewalls/${firewall?.id}`)).body.firewall;
    expect(shown?.rules).toMatchObject([{ port: "22" }, { port: "443" }]);
    expect(shown?.applied_to).toMatchObject([{ applied_to_resources: [{ type: "server", server: { id } }] }]);
    const server = (await client.get(`/servers/${id}`)).body.server;
    expect(server?.public_net?.firewalls).toEqual([{ id: firewall?.id, status: "applied" }]);
    expect((await client.call("DELETE", `/firewalls/${firewall?.id}`)).body.error?.code).toBe("resource_in_use");
  });
});
