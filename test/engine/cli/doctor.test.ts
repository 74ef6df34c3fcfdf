import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Check, DoctorReport, type Finding } from "../../../cli/doctor/report.ts";
import type { LabHost } from "../../../lab/host.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { hostFor } from "../../../lab/lane.ts";
import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import { addressesOf, LabStack, labValues } from "../../../lab/stack.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { inventoryOf, settled } from "../../support/inventory.ts";
import { connectionsIn, mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { slipway } from "../../support/slipway.ts";

/** Every check of a host that serves HTTP, in the order in which they are printed. */
const CHECKS: readonly Check[] = [
  ...(["reach", "host key", "login", "rights", "lease", "docker", "clock", "disk", "memory", "ports", "pull", "image"] as const),
];

describe("a stack that was never deployed, looked at by slipway doctor", () => {
  let lab: Lab;
  let stack: LabStack;
  let first: LabHost;
  let second: LabHost;
  let usual: Record<string, unknown>;

  beforeAll(async () => {
    lab = await freshHosts(2);
    [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    const image = (await lab.image("shop", "v1")).ref;
    // The password of the registry is below its own key, encrypted.
    const { registry: _registry, ...values } = labValues(lab);
    usual = { ...values, image, env: undefined };
    stack = await LabStack.create(lab, { image });
  });
  afterAll(() => stack[Symbol.asyncDispose]());
  afterEach(() => stack.configure(usual));

  const look = async (): Promise<{ code: number; printed: DoctorReport; of(host: LabHost | null, check: Check): Finding }> => {
    const { code, stdout, stderr } = await slipway(stack, "doctor", "--json");
    expect(stderr).toBe("");
    const printed = DoctorReport.parse(JSON.parse(stdout));
    const of = (host: LabHost | null, check: Check) => {
      const found = printed.findings.find((finding) => finding.host === (host?.name ?? null) && finding.check === check);
      if (found === undefined) throw new Error(`${check} was not looked at: ${stdout}`);
      return found;
    };
    return { code, printed, of };
  };
  const wrongOn = (printed: DoctorReport, host: LabHost | null) =>
    printed.findings
      .filter(({ result, host: name }) => result === "wrong" && name === (host?.name ?? null))
      .map(({ check }) => check);
  const ssh = (changes: Record<string, unknown>) => ({ ssh: { ...(usual.ssh as Record<string, unknown>), ...changes } });

  it("is printed as one table, a line for each check, over one SSH connection to each host, and nothing is changed", async () => {
    const before = await Promise.all(lab.hosts.map(settled));
    let connections = {};
    let said = { code: -1, stdout: "" };
    const mutations = await mutationsDuring(lab.hosts, async () => {
      const { code, stdout, trace } = await slipway(stack, "doctor");
      said = { code, stdout };
      connections = connectionsIn({ trace, code, output: "", seconds: 0 });
    });
    expect(said.code, said.stdout).toBe(0);
    expect(said.stdout).toMatch(
      /^shop \/ lab-\w+ {3}(?:✓ ready for a release|! ready, with \d warnings?)\n\nhost +check +found\n\(stack\) +config +✓ /,
    );
    for (const host of lab.hosts)
      expect(said.stdout).toMatch(new RegExp(`^${host.name} +reach +✓ +${host.address}:22 in \\d+ ms$`, "m"));
    expect(connections).toEqual(Object.fromEntries(lab.hosts.map(({ name }) => [name, 1])));
    expect(mutations).toEqual(nothingOn(lab.hosts));
    await Promise.all(lab.hosts.map(settled));
    expect(await Promise.all(lab.hosts.map(inventoryOf))).toEqual(before);
  });

  it("is printed as JSON: every check of every host, none of them wrong", async () => {
    const { code, printed, of } = await look();
    expect(code).toBe(0);
    expect(printed).toMatchObject({ schema: 1, stack: stack.name, service: "shop" });
    for (const host of lab.hosts)
      expect(printed.findings.filter((finding) => finding.host === host.name).map(({ check }) => check)).toEqual(CHECKS);
    expect(wrongOn(printed, null)).toEqual([]);
    const { Version } = await first.docker.version();
    expect(of(first, "docker").found).toBe(`Docker ${Version}`);
    expect(of(first, "ports").found).toBe("80, 443 free");
    expect(of(null, "registry").found).toContain(`reachable as user lab; ${usual.image} is sha256:`);
  });

  it("finds Docker stopped and a port taken, and reports everything else of those hosts", async () => {
    await Promise.all([second.stopDocker(), first.takePort(80)]);
    try {
      const { code, printed, of } = await look();
      expect(code).toBe(1);
      expect(printed.verdict).toBe("not ready");
      expect(of(second, "docker").found).toMatch(/^Docker is installed but not running/);
      expect(of(second, "docker").next).toContain("sudo systemctl start docker");
      expect(of(second, "image").result).toBe("fine");
      expect(of(second, "disk").found).toMatch(/ free in \/var\/lib, \d+ % used$/);
      expect(of(first, "ports").found).toMatch(/^kamal-proxy cannot bind port 80: process \d+ \(perl\) uses it$/);
      expect(wrongOn(printed, first)).toEqual(["ports"]);
    } finally {
      await Promise.all([second.startDocker(), first.freePort(80)]);
    }
  });

  it("lets in a user of the group docker, and refuses one without any rights", async () => {
    const as = (host: LabHost, user: string) => ({ [host.name]: { address: host.address, user } });
    const hosts = { ...as(first, first.users.docker), ...as(second, second.users.plain) };
    await stack.configure({ servers: { web: { hosts } } });
    const { code, printed, of } = await look();
    expect(code).toBe(1);
    expect(wrongOn(printed, first)).toEqual([]);
    expect(of(first, "rights").found).toBe("may use Docker");
    expect(wrongOn(printed, second)).toEqual(["rights", "docker"]);
    expect(of(second, "rights")).toMatchObject({
      found: "nodocker is neither root nor in the group docker, and sudo asks for a password",
      next: `on ${second.name}, as root: usermod -aG docker nodocker`,
    });
    expect(of(second, "docker").found).toBe("the user nodocker may not use Docker");
  });

  it("knows its own kamal-proxy by the ports that it has, and another container by its name", async () => {
    const [one, image] = [{ web: { hosts: addressesOf([first]) } }, await pinnedImage(lab, "v1")];
    await App.create(lab, { image, servers: one });
    const container = await second.docker.createContainer({
      Image: PROXY_IMAGE,
      name: "stranger",
      ExposedPorts: { "80/tcp": {} },
      HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "443" }] } },
    });
    await container.start();
    try {
      const { code, of } = await look();
      expect(code).toBe(1);
      expect(of(first, "ports")).toMatchObject({ result: "fine", found: "kamal-proxy uses 80, 443" });
      expect(of(second, "ports")).toMatchObject({
        found: `kamal-proxy cannot bind port 443: the container stranger (${PROXY_IMAGE}) uses it`,
        next: `free port 443 on ${second.name}, or set slipway:proxy.run.https_port`,
      });
    } finally {
      await lab.reset();
    }
  });

  it("distinguishes a changed host key, a refused login, and a server that is not created yet", async () => {
    const hosts = { [first.name]: { address: first.address, user: "stranger" }, [second.name]: second.address };
    const keys = { [first.name]: first.hostKey, [second.name]: lab.key.publicKey };
    const worker = { hetzner: { count: 1 }, cmd: "/app worker" };
    await stack.configure({ servers: { web: { hosts }, worker }, ...ssh({ host_keys: keys }) });
    const { code, printed, of } = await look();
    expect(code).toBe(1);
    // Of a server that this stack is to make, nothing can be wrong yet; but the right to make it is.
    expect(printed.findings.filter(({ host }) => host === "worker-1").map(({ found }) => found)).toEqual([
      "not created yet: pulumi up creates it at hetzner",
    ]);
    expect(of(null, "secrets").next).toBe("pulumi config set --secret hcloud:token");
    expect([of(first, "host key").result, of(second, "reach").result]).toEqual(["fine", "fine"]);
    expect(of(first, "login")).toMatchObject({ result: "wrong", next: expect.stringContaining("ssh-copy-id") });
    expect(of(second, "host key").found).toMatch(/has CHANGED; someone may be intercepting the connection$/);
    expect(of(second, "host key").evidence.join("\n")).toMatch(/offered: ssh-ed25519 SHA256:.*\npinned: {2}ssh-ed25519 SHA256:/);
  });

  it("gives a host that says nothing ten seconds, whatever the config says, and no more to a registry that a host cannot ask", {
    tags: "long",
  }, async () => {
    const relay = await second.relay();
    relay.freeze();
    await first.hangRegistry(lab.registry.server);
    try {
      const hosts = { ...addressesOf([first]), [second.name]: { address: relay.address, port: relay.port } };
      await stack.configure({ servers: { web: { hosts } }, ...ssh({ connect_timeout: 60 }) });
      const began = performance.now();
      const { code, printed, of } = await look();
      expect(performance.now() - began).toBeLessThan(20_000);
      expect(code).toBe(1);
      expect(of(second, "reach").found).toMatch(/^no SSH connection/);
      expect(wrongOn(printed, first)).toEqual(["pull"]);
      expect(of(first, "pull").found).toMatch(/: no answer in time$/);
    } finally {
      await first.answerRegistry(lab.registry.server);
      await relay.close();
    }
  });

  it("finds an image for another CPU", async () => {
    const { ref } = await lab.image("shop", "for-arm", {}, { architecture: "arm64" });
    await stack.configure({ image: ref });
    const { code, printed, of } = await look();
    expect(code).toBe(1);
    expect(wrongOn(printed, first)).toEqual(["image"]);
    expect(of(first, "image").found).toMatch(/^built for linux\/arm64; this host is linux\/\w+$/);
  });

  it("finds an image that is not there, and a port of SSH that is closed", async () => {
    await stack.configure({ image: `${lab.registry.server}/shop:never-pushed` });
    await second.stopSsh();
    try {
      const { code, of } = await look();
      expect(code).toBe(1);
      expect(of(null, "registry").found).toMatch(/^the image .*:never-pushed is missing in the registry/);
      expect(of(first, "pull").result).toBe("wrong");
      expect(of(second, "reach")).toMatchObject({ result: "wrong", found: `${second.address}:22 refused the connection` });
    } finally {
      await second.startSsh();
    }
  });

  it("finds a login that the registry refuses, a clock that is wrong, and a name that DNS does not have", {
    tags: "long",
  }, async () => {
    const date = "/usr/local/bin/date";
    await second.must(`printf '#!/bin/sh\nexec /usr/bin/date -d "+1 hour" "$@"\n' >${date} && chmod 755 ${date}`);
    await stack.secrets({ "slipway:registry.password": "not-the-password" });
    await stack.configure({
      servers: { web: { hosts: addressesOf([second]) } },
      proxy: { app_port: 3000, host: "shop.invalid", ssl: true },
    });
    try {
      const { code, printed, of } = await look();
      expect(code).toBe(1);
      expect(of(second, "clock").found).toMatch(/^(?:1 h|59 min) ahead of this machine's$/);
      expect(of(null, "dns")).toMatchObject({
        result: "wrong",
        found: "shop.invalid has no DNS record: Let's Encrypt gives no certificate without one",
        next: `create one: shop.invalid → ${second.address}`,
      });
      expect(of(null, "registry").found).toMatch(/refused user lab for .*\(401\)$/);
      expect(JSON.stringify(printed)).not.toContain("not-the-password");
    } finally {
      await stack.secrets({ "slipway:registry.password": lab.registry.password });
      await second.must(`rm ${date}`);
    }
  });

  it("refuses a config whose secret is not set with code 2, and contacts no host", async () => {
    await stack.configure({ env: { secret: ["STRIPE_KEY"] } });
    const { code, stdout, stderr, trace } = await slipway(stack, "doctor", "--json");
    expect({ code, trace }).toEqual({ code: 2, trace: [] });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "CONFIG_INVALID" } });
    expect(stderr).toMatch(/STRIPE_KEY is not set: pulumi config set --secret --path 'slipway:secrets.STRIPE_KEY'/);
  });
});

describe("a server without Docker, looked at by slipway doctor", () => {
  let lab: Lab;
  let stack: LabStack;

  beforeAll(async () => {
    lab = await startLab({ hosts: [hostFor("doctor")], bare: true });
    await hostOf(lab).reset();
    stack = await LabStack.create(lab, { image: (await lab.image("shop", "v1")).ref });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const lookAs = async (user: string) => {
    const { name, address } = hostOf(lab);
    await stack.configure({ servers: { web: { hosts: { [name]: { address, user } } } } });
    const { code, stdout } = await slipway(stack, "doctor", "--json");
    const { findings } = DoctorReport.parse(JSON.parse(stdout));
    const telling = findings.filter(({ check, result }) => result !== "fine" || check === "rights");
    return { code, printed: telling.map(({ check, result, found }) => [check, result, found]) };
  };

  it("is ready when a run may install it, and not ready for a user without rights", async () => {
    const willBe = ["docker", "warning", "Docker is not installed; pulumi up installs it"];
    expect(await lookAs("root")).toEqual({ code: 0, printed: [["rights", "fine", "root"], willBe] });
    expect(await lookAs("deploy")).toEqual({ code: 0, printed: [["rights", "fine", "may use sudo without a password"], willBe] });
    const refused = await lookAs("nodocker");
    expect(refused.code).toBe(1);
    expect(refused.printed.map(([check, result]) => `${check} ${result}`)).toEqual(["rights wrong", "docker wrong"]);
  });
});
