// Of the lab itself.
// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { HetznerCloud } from "../../lab/hetzner/cloud.ts";
import { hetznerOnLab, serverHost } from "../support/hetzner.ts";
import { Client, type Json } from "../wire/hetzner-client.ts";

let cloud: HetznerCloud;
let client: Client;

beforeAll(async () => {
  cloud = await hetznerOnLab();
  client = new Client(cloud);
});

afterAll(() => cloud[Symbol.asyncDispose]());

const USER_DATA = "#cloud-config\nwrite_files:\n  - path: /srv/greeting\n    content: hello\n";

async function aServer(name: string, more: object): Promise<Json> {
  const wanted = { name, server_type: "cx22", image: "debian-13", location: "fsn1", user_data: USER_DATA, ...more };
  return (await client.make("/servers", wanted)).server as Json;
}

describe("a server of the fake provider on the lab", () => {
  it("is a machine with its user data and addresses, in its network, until it is deleted", async () => {
    const { network } = await client.make("/networks", {
      name: "shop",
      ip_range: "10.0.0.0/16",
      subnets: [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "eu-central" }],
    });
    const { primary_ip } = await client.make("/primary_ips", { name: "kept", type: "ipv4", location: "fsn1" });
    const networks = [network?.id];
    const [first, second] = await Promise.all([
      aServer("web-1", { networks, public_net: { ipv4: primary_ip?.id } }),
      aServer("web-2", { networks }),
    ]);
    const host = await serverHost("web-1");
    const written = async () => ((await host.sh("cat /srv/greeting")).stdout === "hello" ? true : undefined);
    await Deadline.in(30).until(written, () => new Error("the user data was not applied"));
    expect(await host.must("ip -4 -o address show dev eth0")).toContain(`${primary_ip?.ip}/24`);

    const neighbour = (await client.get(`/servers/${second.id}`)).body.server?.private_net?.[0]?.ip;
    const reached = async () => ((await host.sh(`timeout 2 bash -c '</dev/tcp/${neighbour}/22'`)).code === 0 ? true : undefined);
    await Deadline.in(30).until(reached, () => new Error(`web-1 never reaches sshd of web-2 at ${neighbour}`));

    await client.make(`/servers/${first.id}/actions/poweroff`);
    await expect(host.must("true")).rejects.toThrow();
    await client.make(`/servers/${first.id}/actions/poweron`);
    expect(await host.must("ip -4 -o address show dev eth0")).toContain(`${primary_ip?.ip}/24`);

    for (const { id } of [first, second]) await client.ended((await client.call("DELETE", `/servers/${id}`)).body.action?.id);
    await expect(serverHost("web-1")).rejects.toThrow("has not been booted");
    expect(cloud.inventory()).toEqual({ network: 1, primary_ip: 1 });
  });
});
