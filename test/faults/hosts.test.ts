import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONNECT_TIMEOUT, Shop, sshOf, throughRelays } from "./support/shop.ts";
import { type Refusal, refusalOf } from "./support/story.ts";

const NEXT = { env: { VERSION: "v2" } };

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open(2, { deploy_timeout: 10, drain_timeout: 3 });
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("a host that cannot be changed", () => {
  let healthy: string;
  beforeAll(() => {
    healthy = shop.hosts[0]?.name ?? "";
  });

  /** The other host is not changed either, no user notices, and once the fault is over there is nothing to do. */
  async function refused(values: Record<string, unknown>): Promise<Refusal> {
    const { result, failed, answers } = await shop.release({ ...NEXT, values });
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["v1"] });
    await shop.declare();
    await shop.expectNothingToDo();
    return refusalOf(result);
  }

  it("because its key has changed, is refused with both fingerprints and how to pin it", { tags: "long" }, async () => {
    const [own, other] = [shop.host.hostKey, shop.hosts[0]?.hostKey ?? ""];
    const { what, evidence, servesNow, next } = await refused({
      ssh: { ...sshOf(shop.lab), host_keys: { [healthy]: other, [shop.host.name]: other } },
    });

    expect(what).toMatch(/^\S+: the host key of 127\.0\.0\.1:\d+ has CHANGED; someone may be intercepting the connection$/);
    expect(evidence).toEqual([
      `offered: ssh-ed25519 ${await fingerprint(own)}`,
      `pinned:  ssh-ed25519 ${await fingerprint(other)} (slipway:ssh.host_keys)`,
    ]);
    expect(servesNow).toBe(`what served before; ${shop.host.name} could not be asked`);
    expect(next).toContain(`pulumi config set --path 'slipway:ssh.host_keys["${shop.host.name}"]' '${own}'`);
  });

  it("because its key is unknown, is refused with its fingerprint and how to pin it", { tags: "long" }, async () => {
    const known = { [healthy]: shop.hosts[0]?.hostKey };
    const { what, evidence, next } = await refused({ ssh: { ...sshOf(shop.lab), host_keys: known } });

    expect(what).toMatch(/^\S+: the host key of 127\.0\.0\.1:\d+ is unknown$/);
    expect(evidence[0]).toBe(`offered: ssh-ed25519 ${await fingerprint(shop.host.hostKey)}`);
    expect(evidence[1]).toMatch(/^pinned: {2}none in \S+known_hosts/);
    expect(next).toContain(`pulumi config set --path 'slipway:ssh.host_keys["${shop.host.name}"]' '${shop.host.hostKey}'`);
    await shop.expectPreviewedAsUnchanged();
  });

  it("because its user may not use Docker, is refused with the command that allows it", { tags: "long" }, async () => {
    const hosts = throughRelays(shop.hosts, shop.relays);
    const user = { address: shop.relay.address, port: shop.relay.port, user: shop.host.users.plain };
    const { what, evidence, next } = await refused({ servers: { web: { hosts: { ...hosts, [shop.host.name]: user } } } });

    expect(what).toBe(`${shop.host.name}: nodocker is not root and has no passwordless sudo, which is needed once`);
    expect(evidence).toEqual(["to do: add nodocker to the group docker"]);
    expect(next).toBe(`have an administrator run on ${shop.host.name}, as root: usermod -aG docker nodocker`);
  });

  /** As `ssh-keygen` prints it, independent of our own code. */
  const fingerprint = async (key: string) => (await shop.host.must(`echo '${key}' | ssh-keygen -lf -`)).split(" ")[1] ?? "";
});

describe("a host that does not answer", () => {
  it("is named in the preview, stops the release, and causes no trouble once it is back", async () => {
    await shop.relay.refuse();
    await shop.declare(NEXT);
    const preview = await shop.stack.preview();
    const { result, failed, answers } = await shop.release(NEXT);
    await shop.relay.accept();

    const refusal = `127.0.0.1:${shop.relay.port} refused the connection`;
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toContain(`${shop.host.name}  unreachable: ${refusal}; the run stops before it changes anything`);
    const { what, next } = refusalOf(result);
    expect(what).toBe(`${shop.host.name}: ${refusal}`);
    expect(next).toContain("check that sshd is running on the host");
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["v1"] });
    await shop.expectConverges("v2", NEXT);
  });

  it("stops the release within its deadline when nothing answers at all", async () => {
    const change = { env: { VERSION: "v3" } };
    await shop.declare(change);
    shop.relay.freeze();
    const { result, failed, answers } = await shop.release(change);
    shop.relay.thaw();

    expect(refusalOf(result).what).toMatch(/^\S+: no SSH connection to 127\.0\.0\.1:\d+ within 5 s: /);
    // Twice: the refresh and the update are processes of their own.
    expect(result.seconds).toBeLessThan(2 * CONNECT_TIMEOUT + 20);
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["v2"] });
  });

  it("says that Docker cannot be started there, and converges when it runs again", { tags: "long" }, async () => {
    const change = { env: { VERSION: "v3" } };
    await shop.host.stopDocker();
    await shop.declare(change);
    const outcome = await shop.stack.up("--skip-preview");
    await shop.host.startDocker();

    const { what, servesNow, next } = refusalOf(outcome);
    expect(what).toBe(`${shop.host.name}: Docker does not start`);
    expect(servesNow).toBe(`nothing on ${shop.host.name}: its Docker does not run`);
    expect(next).toContain("on the host: systemctl status docker");
    await shop.expectConverges("v3", change);
  });

  it("says that Docker is not installed where it may not be installed, and converges once it is", { tags: "long" }, async () => {
    const change = { env: { VERSION: "v4" }, values: { docker: { install: false } } };
    await shop.declare(change);
    const { result, failed, answers } = await shop.watch(() => withoutDocker(() => shop.stack.up("--skip-preview")));

    const { what, next } = refusalOf(result);
    expect(what).toBe(`${shop.host.name}: Docker is not installed`);
    expect(next).toContain("https://docs.docker.com/engine/install/");
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["v3"] });
    await shop.expectConverges("v4", change);
  });

  it("is not forgotten when it is removed from the config, until slipway:forget names it", { tags: "long" }, async () => {
    await shop.relay.refuse();
    const [stays] = shop.hosts;
    const hosts = throughRelays(shop.hosts.slice(0, 1), shop.relays);
    const without = { env: { VERSION: "v5" }, values: { servers: { web: { hosts } } } };
    await shop.declare(without);
    const preview = await shop.stack.preview();
    const { result, failed } = await shop.release(without);

    expect(preview.output).toContain(`${shop.host.name} could not be asked`);
    expect(preview.output).toContain(`the run stops before it changes anything`);
    const { what, servesNow, next } = refusalOf(result);
    expect(what).toBe(`the app shop-${shop.stack.name} cannot be removed from ${shop.host.name}, which cannot be asked`);
    expect(servesNow).toContain(`${shop.host.name} keeps the app`);
    expect(next).toContain(`pulumi config set --path 'slipway:forget[0]' ${shop.host.name}`);
    expect(failed).toBe(0);

    const given = await shop.release({ ...without, values: { ...without.values, forget: [shop.host.name] } });
    await shop.relay.accept();
    expect(given.result.code, given.result.output).toBe(0);
    expect(given.result.output).toContain(`${shop.host.name} is given up (slipway:forget)`);
    expect(await shop.ask(stays?.address ?? "", "/version")).toBe("v5");
    await shop.expectPreviewedAsUnchanged();
  });

  /** To an observer, Docker was never installed; what runs keeps running. */
  async function withoutDocker<T>(work: () => Promise<T>): Promise<T> {
    await shop.host.must(
      "for file in $(ls /usr/*bin/docker* /usr/local/bin/docker* /var/run/docker.sock); do mv $file $file.away; done",
    );
    try {
      return await work();
    } finally {
      await shop.host.must(
        "for file in $(ls /usr/*bin/*.away /usr/local/bin/*.away /var/run/*.away); do mv $file $(dirname $file)/$(basename $file .away); done",
      );
    }
  }
});

describe("a first release on a host whose port 80 is taken", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.plan(1, { deploy_timeout: 10 });
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  it("names the process that uses it", async () => {
    await shop.host.takePort(80);
    const { what, servesNow, next } = refusalOf(await shop.stack.up("--skip-preview"));
    await shop.host.freePort(80);

    expect(what).toMatch(/^\S+: kamal-proxy cannot bind port 80: process \d+ \(perl\) uses it$/);
    expect(servesNow).toBe("nothing on this host: its proxy did not run before");
    expect(next).toContain(`free port 80 on ${shop.host.name}, or set slipway:proxy.run.http_port`);
  });

  it("names the unmanaged container that has it, and leaves it alone", async () => {
    await shop.host.must("docker run -d --name theirs -p 80:80 basecamp/kamal-proxy:v0.9.2");
    const { what } = refusalOf(await shop.stack.up("--skip-preview"));

    expect(what).toMatch(
      /^\S+: kamal-proxy cannot bind port 80: the container theirs \(basecamp\/kamal-proxy:v0\.9\.2\) uses it$/,
    );
    expect(await shop.host.must("docker inspect --format '{{.State.Status}}' theirs")).toBe("running\n");
    expect(await shop.host.must("docker ps -aq --filter name=kamal-proxy")).toBe("");
    await shop.host.must("docker rm -f theirs");
  });

  it("succeeds once the port is free", { tags: "long" }, async () => {
    const { code, output } = await shop.stack.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(await shop.serves()).toEqual(["v1"]);
    await shop.expectNothingToDo();
  });
});
