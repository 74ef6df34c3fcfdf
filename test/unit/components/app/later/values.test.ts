import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { configOf } from "../../../../../components/app/app-config.ts";
import { valuesOf } from "../../../../../components/app/app-values.ts";
import type { AppArgs } from "../../../../../components/app/args.ts";
import { closedPorts } from "../../../../../components/app/closed-ports.ts";
import { Server } from "../../../../../components/server/server.ts";
import { messageOf } from "../../../../../core/error.ts";
import { IMAGE } from "./leaf-values.ts";
import { declared, type Inputs, mockedProgram } from "./mocked-program.ts";
import { unknown } from "./unknown.ts";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const sealed = (value: unknown) => ({ ...SECRET, value });

let server: Server;

beforeAll(async () => {
  await mockedProgram("preview");
  server = new Server("web-1", { address: "203.0.113.10", firewall: { allow: [{ port: 5432 }] } });
});

const anApp = (more: Partial<AppArgs> = {}): AppArgs => ({
  image: IMAGE,
  version: "1.4.2",
  servers: server,
  proxy: { host: "shop.example" },
  ...more,
});

const inputsOf = async (name: string, resource: string, args: AppArgs): Promise<Inputs> =>
  (await declared(name, args)).get(resource) ?? {};

/** What is said once the values are known. */
const refusal = (args: AppArgs): Promise<string> =>
  configOf(valuesOf("shop", args)).checked.then(() => "nothing is refused", messageOf);

/** The same for values that are written out. */
function plainRefusal(args: AppArgs): string {
  try {
    configOf(valuesOf("shop", args));
  } catch (thrown) {
    return messageOf(thrown);
  }
  return "nothing is refused";
}

describe("an output that a preview does not know", () => {
  it("leaves what does not depend on it, next to it as well", async () => {
    const servers = { web: { hosts: server, options: { memory: unknown(), cpus: unknown<number>(), user: "app" } } };
    const args = anApp({
      servers,
      drainTimeout: unknown<number>(),
      watch: 20,
      boot: { parallelRoles: unknown<boolean>(), wait: 5, limit: 1 },
    });
    const inputs = await inputsOf("numbers", "Release app", args);
    expect(inputs).toMatchObject({
      service: "numbers",
      version: "1.4.2",
      watch: 20,
      deployTimeout: 30,
      boot: { limit: 1, wait: 5 },
    });
    expect(inputs).toMatchObject({
      roles: { web: { options: { user: "app", restart: { name: "unless-stopped" } }, replicas: 1 } },
    });
    const unknowns = [inputs.drainTimeout, Object(inputs.boot).parallelRoles, Object(inputs.roles).web.options.memory];
    expect(unknowns.map(pulumi.isUnknown)).toEqual([true, true, true]);
  });

  it("may decide whether there is something at all", async () => {
    const inputs = await inputsOf("switches", "Release app", anApp({ maintenance: unknown<boolean>(), watch: 1 }));
    expect(pulumi.isUnknown(inputs.maintenance)).toBe(true);
    expect(inputs).toMatchObject({ watch: 1 });
  });

  it("is a variable as a number or switch, and known to be one", async () => {
    const env = { RATE_LIMIT: unknown<number>(), DEBUG: unknown<boolean>(), LOG_LEVEL: "info" };
    const inputs = await inputsOf("variables", "Release app", anApp({ env }));
    expect(inputs).toMatchObject({
      roles: { web: { env: { LOG_LEVEL: "info" }, secretEnv: { RATE_LIMIT: "env_RATE_LIMIT", DEBUG: "env_DEBUG" } } },
    });
    expect(inputs.secrets).toEqual({ env_DEBUG: pulumi.unknown, env_RATE_LIMIT: pulumi.unknown });
  });

  it("beside a known secret leaves that secret known, and sealed", async () => {
    const env = { secret: { TOKEN: "canary-t0ken", URL: unknown() } };
    const inputs = await inputsOf("beside", "Release app", anApp({ env }));
    expect(inputs.secrets).toEqual(sealed({ env_TOKEN: "canary-t0ken", env_URL: pulumi.unknown }));
    expect(JSON.stringify({ ...inputs, secrets: undefined })).not.toContain("canary");
  });
});

describe("a value that is compared with one that is not known yet", () => {
  const planned: readonly (readonly [string, () => Partial<AppArgs>])[] = [
    [
      "memory, with its swap and its reservation",
      () => withOptions({ memory: unknown(), memorySwap: "8g", memoryReservation: "4m" }),
    ],
    ["a reservation, with memory", () => withOptions({ memory: "7m", memoryReservation: unknown() })],
    ["a port, beside another one", () => withOptions({ publish: [unknown(), "127.0.0.1:20003:80"] })],
    ["a canonical host name, one of the hosts", () => ({ proxy: { hosts: ["shop.example"], canonicalHost: unknown() } })],
    ["hosts, one of which is canonical", () => ({ proxy: { hosts: [unknown()], canonicalHost: "shop.example" } })],
    ["a switch that needs a host", () => ({ proxy: { ssl: unknown<boolean>() } })],
    ["a share of hosts", () => ({ boot: { limit: unknown(), wait: 3 } })],
    ["two paths in one container", () => withOptions({ tmpfs: [unknown(), unknown(), "/pending"] })],
    [
      "a health check that a proxied role has not",
      () => ({ servers: { web: { hosts: server, proxy: unknown<boolean>(), healthcheck: { port: 1 } } } }),
    ],
  ];
  it.each(planned)("is planned: %s", async (what, args) => {
    const all = await declared(what.replaceAll(/\W+/g, "-"), anApp(args()));
    expect([...all.keys()]).toContain("Release app");
  });
});

const withOptions = (options: NonNullable<NonNullable<AppArgs["accessories"]>[string]["options"]>): Partial<AppArgs> => ({
  servers: { web: { hosts: server, options } },
});

describe("an output that is known", () => {
  it("is a variable as its text", async () => {
    const env = { RATE_LIMIT: pulumi.output(10), DEBUG: pulumi.output(true) };
    const inputs = await inputsOf("known-env", "Release app", anApp({ env }));
    expect(inputs.secrets).toEqual(sealed({ env_RATE_LIMIT: "10", env_DEBUG: "true" }));
  });

  it("decides what neither of its placeholders does", async () => {
    const login = { server: "ghcr.io", username: "shop", password: pulumi.secret("canary") };
    const db = (image: pulumi.Input<string>) => ({ accessories: { db: { image, host: server } }, registry: login });
    const name = "Accessory app-db-web-1";
    const known = await inputsOf("known-db", name, anApp({ ...db(pulumi.output("ghcr.io/acme/postgres:17")), service: "shop" }));
    const plain = await inputsOf("plain-db", name, anApp({ ...db("ghcr.io/acme/postgres:17"), service: "shop" }));
    expect(known).toEqual(plain);
    expect(known).toMatchObject({ preset: "postgres", registry: sealed({ server: "ghcr.io" }) });
  });

  it("may be a list of host names in one text", async () => {
    const proxy = { host: pulumi.output("a.example, b.example") };
    const inputs = await inputsOf("known-hosts", "Release app", anApp({ proxy }));
    expect(inputs).toMatchObject({ roles: { web: { proxy: { hosts: ["a.example", "b.example"] } } } });
  });

  type Given = <T>(value: T) => pulumi.Input<T>;
  const wrong: readonly (readonly [string, (given: Given) => Partial<AppArgs>])[] = [
    ["a number below its limit", (given) => ({ stopTimeout: given(-1) })],
    ["a text for a number", (given) => ({ proxy: { appPort: given("3000" as never) } })],
    ["what is no size", (given) => withOptions({ memory: given("lots") })],
    ["two that do not fit together", (given) => withOptions({ memory: given("1g"), memoryReservation: given("2g") })],
    ["what is no image", (given) => ({ image: given("Shop:1") })],
    ["a word that is none of a few", (given) => ({ servers: { web: { hosts: server, strategy: given("later" as never) } } })],
  ];
  it.each(wrong)("is refused as if it were written out: %s", async (_, args) => {
    const said = await refusal(anApp(args(pulumi.output as Given)));
    expect(said).toBe(plainRefusal(anApp(args((value) => value))));
    expect(said).toMatch(/^the arguments of the app shop: \d problems?\n/);
  });

  it("that is missing leaves the default", async () => {
    const inputs = await inputsOf(
      "absent",
      "Release app",
      anApp({ drainTimeout: pulumi.output(undefined as unknown as number) }),
    );
    expect(inputs).toMatchObject({ drainTimeout: 30 });
  });
});

describe("beside an output", () => {
  it("what is wrong with other values is refused at once, without a placeholder", () => {
    const said = plainRefusal(
      anApp({ drainTimeout: unknown<number>(), watch: -1, proxy: { host: unknown(), appPort: 0 }, prxoy: unknown() } as never),
    );
    expect(said).toBe(
      [
        "the arguments of the app shop: 3 problems",
        "  proxy.appPort   should be at least 1",
        "  watch           should be at least 0",
        "  prxoy           unknown key; did you mean proxy?",
        "  serves now: what served before; nothing was changed",
        "  next: correct the arguments of the app shop, then run pulumi preview again",
        "  code: CONFIG_INVALID",
      ].join("\n"),
    );
  });

  it("a port that the firewall closes is refused as soon as it is known", async () => {
    const check = (port: pulumi.Input<string>) => {
      const db = { image: "redis:8", host: server, public: true, port };
      const config = configOf(valuesOf("shop", anApp({ accessories: { db } })));
      config.refuseIf((own) => closedPorts("the app shop", own, new Map([["web-1", server]])));
      return config.checked.then(() => "open", messageOf);
    };
    const closed = "the firewall of a server closes what the app shop publishes\n  | db publishes 5433/tcp on web-1";
    expect(await check(unknown())).toBe("open");
    expect(await check(pulumi.output("0.0.0.0:5432:5432"))).toBe("open");
    expect(await check(pulumi.output("0.0.0.0:5433:5432"))).toMatch(closed);
  });
});

describe("an output that is a secret", () => {
  const shown = "is a secret, but is shown in previews and kept in the state in clear: pass secrets in env, secrets or registry";

  it.each([
    ["a text", { image: unknown(true) }, "image"],
    ["a number", { drainTimeout: pulumi.secret(10) }, "drainTimeout"],
    ["a switch", { boot: { parallelRoles: unknown<boolean>(true) } }, "boot.parallelRoles"],
    ["an item", { volumes: [pulumi.secret("data:/data")] }, "volumes[0]"],
  ] as const)("is refused where previews show it: %s", async (_, args, at) => {
    expect(await refusal(anApp(args))).toMatch(`the arguments of the app shop: 1 problem\n  ${at}   ${shown}\n`);
  });

  it("may be in env, secrets, registry and the content of a file", async () => {
    const files = [{ content: pulumi.secret("canary"), remote: "/etc/users.acl" }];
    const said = await refusal(
      anApp({
        env: { TOKEN: pulumi.secret("canary"), PORT: pulumi.secret(1) },
        secrets: { OTHER: pulumi.secret("canary") },
        registry: { username: pulumi.secret("shop"), password: pulumi.secret("canary") },
        accessories: { cache: { image: "redis:8", host: server, files } },
      }),
    );
    expect(said).toBe("nothing is refused");
  });
});

describe("the content of a file", () => {
  const withFile = (content: pulumi.Input<string>) =>
    anApp({
      service: "shop",
      accessories: { cache: { image: "redis:8", host: server, files: [{ content, remote: "/etc/users.acl" }] } },
    });
  const cache = "Accessory app-cache-web-1";

  it("is sealed, and known by a hash", async () => {
    const { files, fileFingerprints, ...rest } = await inputsOf("content", cache, withFile(pulumi.secret("user canary\n")));
    expect(files).toEqual(
      sealed([expect.objectContaining({ path: "/etc/users.acl", content: "user canary\n", encoding: "utf8" })]),
    );
    expect(fileFingerprints).toEqual({ "/etc/users.acl": expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(JSON.stringify(rest)).not.toContain("canary");
  });

  it("leaves its file planned while it is unknown", async () => {
    const { files, fileFingerprints, image } = await inputsOf("content-later", cache, withFile(unknown(true)));
    expect(files).toEqual(sealed([expect.objectContaining({ path: "/etc/users.acl", mode: 0o644, content: pulumi.unknown })]));
    expect(fileFingerprints).toEqual({ "/etc/users.acl": pulumi.unknown });
    expect(image).toBe("redis:8");
  });
});

it("a server takes no output but its address and host key", () => {
  new Server("later-1", { address: unknown(), hostKey: unknown() });
  expect(
    () =>
      new Server("wrong-1", {
        address: unknown(),
        docker: { version: unknown() as never },
        proxy: { httpPort: unknown() as never },
      }),
  ).toThrow(
    /^the arguments of the server wrong-1: 2 problems\n {2}proxy\.httpPort +cannot be an output: .*; write the value itself\n {2}docker\.version +cannot/,
  );
});
