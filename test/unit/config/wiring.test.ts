import { describe, expect, it } from "vitest";
import { declareApp } from "../../../components/declare/release.ts";
import type { Config, Env } from "../../../config/index.ts";
import { fillTemplate, templateNames } from "../../../core/template.ts";
import { type Circumstances, problems, read, type Section } from "./fixture.ts";

/** `of("db.host")` is `${accessories.db.host}`. */
const of = (what: string) => `\${accessories.${what}}`;
const HOSTS = { "web-1": "203.0.113.11", "web-2": "203.0.113.12", "db-1": "203.0.113.20" };
const PASSWORD = "p@ss/w:rd%";
const DB = {
  image: "postgres:16.4",
  host: "web-1",
  env: { clear: { POSTGRES_USER: "app user", POSTGRES_DB: "shop" }, secret: ["POSTGRES_PASSWORD:DB_PASSWORD"] },
};
const URL_OF_DB = `postgres://${of("db.env.POSTGRES_USER")}:${of("db.secret.POSTGRES_PASSWORD")}@${of("db.host")}:${of("db.port")}/${of("db.env.POSTGRES_DB")}`;

interface Part {
  readonly env?: unknown;
  readonly db?: Section;
  readonly accessories?: Section;
  readonly servers?: unknown;
}

/** An app on web-1, and on web-2 where `servers` says so, with the accessory `db` on web-1. */
const stack = ({
  env = {},
  db = {},
  accessories = {},
  servers = { web: { hosts: { "web-1": HOSTS["web-1"] } } },
}: Part): Section => ({
  servers,
  env,
  secrets: { DB_PASSWORD: PASSWORD, POSTGRES_PASSWORD: "another", API_KEY: of("db.host") },
  accessories: { db: { ...DB, ...db }, ...accessories },
});
const BOTH = { web: { hosts: { "web-1": HOSTS["web-1"], "web-2": HOSTS["web-2"] } } };

/** What a container of the role finds in its environment on that host. */
function values({ secrets }: Config, { clear, secret }: Env): Record<string, string> {
  return { ...clear, ...Object.fromEntries(Object.entries(secret).map(([name, source]) => [name, secrets[source] ?? ""])) };
}
function seen(part: Part, host = "web-1", role = "web", circumstances?: Circumstances): Record<string, string> {
  const config = read(stack(part), circumstances);
  const found = config.roles.find((one) => one.name === role);
  if (found === undefined) throw new Error(`no role ${role}`);
  return values(config, found.on[host]?.env ?? found.env);
}
const refused = (part: Part, ...problem: string[]) =>
  expect(problems(stack(part))).toEqual(problem.map((one) => `slipway:${one}`));

describe("a reference to an accessory", () => {
  it("is what that says", () => {
    const env = {
      HOST: of("db.host"),
      PORT: of("db.port"),
      USER: of("db.env.POSTGRES_USER"),
      PASSWORD: of("db.secret.POSTGRES_PASSWORD"),
      SENTENCE: `${of("db.host")} has ${of("db.env.POSTGRES_DB")}.`,
    };
    expect(seen({ env })).toEqual({
      HOST: "shop-db-production",
      PORT: "5432",
      USER: "app user",
      PASSWORD,
      SENTENCE: "shop-db-production has shop.",
    });
  });

  it("is percent-encoded in a URL", () => {
    expect(seen({ env: { DATABASE_URL: URL_OF_DB } })).toEqual({
      DATABASE_URL: "postgres://app%20user:p%40ss%2Fw%3Ard%25@shop-db-production:5432/shop",
    });
    expect(seen({ env: { URL: `jdbc:postgresql://${of("db.host")}/x?user=${of("db.env.POSTGRES_USER")}` } })).toEqual({
      URL: "jdbc:postgresql://shop-db-production/x?user=app%20user",
    });
  });

  it("makes the whole value secret with a secret in it, and only then", () => {
    const config = read(stack({ env: { clear: { URL: URL_OF_DB, HOST: of("db.host") } } }));
    const [web] = config.roles;
    expect(web?.env).toEqual({
      clear: { HOST: "shop-db-production" },
      secret: { URL: expect.stringMatching(/^URL\.[0-9a-f]{8}$/) },
    });
    expect(JSON.stringify([config.roles, config.accessories])).not.toContain("p@ss");
    expect(JSON.stringify([config.roles, config.accessories])).not.toContain("p%40ss");
  });
  it("has a name that another password does not change, as other secrets have", () => {
    const named = (password: string) =>
      read({ ...stack({ env: { URL: URL_OF_DB } }), secrets: { DB_PASSWORD: password } }).roles[0]?.env.secret;
    expect(named("one")).toEqual(named("two"));
  });

  it("is the text itself after another $, and other programs' places are theirs", () => {
    const env = { A: `$${of("db.host")} ${of("db.port")}`, B: `\${HOME} \${db.host} $\${X}`, C: `$${of("db.host")}` };
    expect(seen({ env })).toEqual({ A: `${of("db.host")} 5432`, B: env.B, C: of("db.host") });
  });

  it("is not looked for in secrets", () => expect(seen({ env: { secret: ["API_KEY"] } })).toEqual({ API_KEY: of("db.host") }));

  it("works in the env of roles and of tags", () => {
    const servers = { web: { hosts: { "web-1": { address: HOSTS["web-1"], tags: "eu" } }, env: { ROLE: of("db.port") } } };
    const env = { clear: { A: of("db.host"), B: of("db.host") }, tags: { eu: { B: of("db.env.POSTGRES_DB"), C: URL_OF_DB } } };
    expect(seen({ servers, env })).toEqual({
      ROLE: "5432",
      A: "shop-db-production",
      B: "shop",
      C: expect.stringContaining("p%40ss"),
    });
  });
  it("gives way to what a role says", () => {
    const servers = { web: { hosts: HOSTS_OF_WEB, env: { A: "plain", B: of("db.port"), secret: undefined } } };
    expect(seen({ servers, env: { clear: { A: of("db.host") }, secret: ["B:API_KEY"] } })).toEqual({ A: "plain", B: "5432" });
  });

  it("works in an env that is encrypted as a whole, where it stays secret", () => {
    const env = { clear: { A: of("db.port"), URL: URL_OF_DB, B: "b" }, tags: { eu: { A: of("db.host") } } };
    const servers = { web: { hosts: { "web-1": { address: HOSTS["web-1"], tags: "eu" } } } };
    const sealed = { sealed: ["secrets", "env"] };
    expect(seen({ env }, "web-1", "web", sealed)).toMatchObject({ A: "5432", B: "b", URL: expect.stringContaining("p%40ss") });
    expect(seen({ env, servers }, "web-1", "web", sealed)).toMatchObject({ A: "shop-db-production" });
    const { roles } = read(stack({ env, servers }), sealed);
    expect(roles[0]?.env.clear).toEqual({});
    expect(roles[0]?.on).toEqual({});
  });

  it("leaves nothing behind that a release does not know", () => {
    const config = read(stack({ env: { URL: URL_OF_DB } }));
    expect(Object.keys(config.roles[0]?.env ?? {})).toEqual(["clear", "secret"]);
    const { roles, secrets } = declareApp(config);
    const source = roles.web?.secretEnv.URL ?? "";
    expect(secrets[source]).toContain("p%40ss");
  });
});

const HOSTS_OF_WEB = { "web-1": HOSTS["web-1"] };

describe("from another host", () => {
  const env = { clear: { AT: `${of("db.host")}:${of("db.port")}`, URL: URL_OF_DB, SAME: of("db.env.POSTGRES_DB") } };
  const published = { port: "10.0.0.5:5433:5432" };

  it("is the published address, and the name on its own", () => {
    const part = { env, servers: BOTH, db: published };
    expect(seen(part, "web-1")).toMatchObject({ AT: "shop-db-production:5432" });
    expect(seen(part, "web-2")).toMatchObject({ AT: "10.0.0.5:5433", URL: expect.stringContaining("@10.0.0.5:5433/") });
  });
  it("differs only where it has to", () => {
    const [web] = read(stack({ env, servers: BOTH, db: published })).roles;
    expect(Object.keys(web?.on ?? {})).toEqual(["web-2"]);
    expect(web?.env.secret.URL).not.toBe(web?.on["web-2"]?.env.secret.URL);
    const elsewhere = { env, servers: BOTH, db: { ...published, host: undefined, hosts: { "db-1": HOSTS["db-1"] } } };
    expect(read(stack(elsewhere)).roles[0]?.on).toEqual({});
    expect(seen(elsewhere, "web-2")).toMatchObject({ AT: "10.0.0.5:5433" });
  });
  it("is the host's own address where it listens on all", () =>
    expect(seen({ env, servers: BOTH, db: { port: 5432, public: true } }, "web-2")).toMatchObject({ AT: "203.0.113.11:5432" }));
  it("is in brackets in a URL", () =>
    expect(seen({ env, servers: BOTH, db: { port: "[fd00::5]:5432:5432" } }, "web-2")).toMatchObject({
      AT: "fd00::5:5432",
      URL: expect.stringContaining("@[fd00::5]:5432/"),
    }));
  it("is the one on its own host where there are several", () => {
    const db = { host: undefined, role: "web" };
    expect(seen({ env, servers: BOTH, db }, "web-2")).toMatchObject({ AT: "shop-db-production:5432" });
  });

  const FIX = "set slipway:accessories.db.port: <private address of web-1>";
  it.each<[string, Section, string]>([
    ["is not published", {}, `${FIX}:5432:5432`],
    ["listens on loopback only", { port: "5433:5432" }, `${FIX}:5433:5432`],
  ])("is refused where it %s", (why, db, fix) =>
    refused(
      { env: { clear: { A: of("db.host") } }, servers: BOTH, db },
      `env.clear.A db runs on web-1 and ${why}, so web-2 cannot reach it: ${fix}`,
    ),
  );
  it("is refused if several other hosts have it", () => {
    const servers = { web: { hosts: HOSTS } };
    const db = { host: undefined, hosts: ["web-1", "db-1"] };
    refused(
      { env: { A: of("db.host") }, servers, db },
      "env.A db runs on db-1, web-1, but not on web-2: write the address of one of these",
    );
  });
  it("is refused where the address is known too late", () => {
    const servers = { web: { hetzner: { count: 2 } } };
    refused(
      { env: { A: of("db.host") }, servers, db: { port: 5432, public: true } },
      "env.A db runs on web-1, whose address is unknown until it is created: put both on the same host",
    );
  });
  it("also applies to a different network on the same host", () => {
    refused(
      { env: { A: of("db.host") }, db: { network: "data" } },
      `env.A db is in a different Docker network on web-1 and is not published, so web-1 cannot reach it: ${FIX}:5432:5432`,
    );
    expect(seen({ env: { A: of("db.host") }, db: { network: "data", ...published } })).toEqual({ A: "10.0.0.5" });
  });
  it("does not apply where the role is in that network, too", () => {
    const servers = { web: { hosts: { "web-1": HOSTS["web-1"] }, options: { network: "data" } } };
    expect(seen({ env: { A: of("db.host") }, servers, db: { network: "data" } })).toEqual({ A: "shop-db-production" });
    const beside = { options: { network: "data" } };
    expect(seen({ env: { A: of("db.host") }, servers, db: { network: "own", ...beside } })).toEqual({ A: "shop-db-production" });
  });
  it("is the loopback of a host for what has its network", () => {
    const web = { hosts: { "web-1": HOSTS["web-1"] }, proxy: false, options: { network: "host" } };
    const part = { env: { A: "${accessories.db.host}:${accessories.db.port}" }, servers: { web } };
    expect(seen({ ...part, db: { port: "5433:5432" } })).toEqual({ A: "127.0.0.1:5433" });
    expect(seen({ ...part, db: { port: "10.0.0.5:5433:5432" } })).toEqual({ A: "10.0.0.5:5433" });
    refused(
      { ...part, db: {} },
      `env.A db is in a different Docker network on web-1 and is not published, so web-1 cannot reach it: ${FIX}:5432:5432`,
    );
  });
  it("is not judged where a tag says otherwise on every host", () => {
    const servers = { web: { hosts: { "web-2": { address: HOSTS["web-2"], tags: "eu" } } } };
    expect(
      seen({ env: { clear: { A: of("db.host") }, tags: { eu: { A: "b", B: of("db.env.POSTGRES_DB") } } }, servers }, "web-2"),
    ).toEqual({
      A: "b",
      B: "shop",
    });
  });
  it("reports each path that is wrong, in the role and in the tag", () => {
    const servers = {
      web: { hosts: { "web-2": { address: HOSTS["web-2"], tags: "eu" }, "web-1": HOSTS["web-1"] }, env: { B: of("db.host") } },
    };
    const problem = `db runs on web-1 and is not published, so web-2 cannot reach it: ${FIX}:5432:5432`;
    refused({ env: { tags: { eu: { A: of("db.host") } } }, servers }, `servers.web.env.B ${problem}`, `env.tags.eu.A ${problem}`);
  });
});

describe("an accessory that refers to others", () => {
  const pooler = (env: Section, more: Section = {}) => ({ pooler: { image: "acme/pooler", host: "web-1", env, ...more } });
  const made = (accessories: Section, part: Part = {}) => {
    const config = read(stack({ ...part, accessories }));
    const found = config.accessories.find(({ name }) => name === "pooler");
    if (found === undefined) throw new Error("no pooler");
    return { config, found };
  };

  it("has its values, and comes after them", () => {
    const { config, found } = made(pooler({ URL: URL_OF_DB, SELF: of("pooler.host") }));
    expect(values(config, found.env)).toEqual({
      URL: "postgres://app%20user:p%40ss%2Fw%3Ard%25@shop-db-production:5432/shop",
      SELF: "shop-pooler-production",
    });
    expect(found.after).toEqual(["db"]);
    expect(config.accessories.find(({ name }) => name === "db")?.after).toEqual([]);
  });
  it("has them for each of its hosts", () => {
    const accessories = pooler({ AT: of("db.host") }, { host: undefined, role: "web" });
    const { found } = made(accessories, { servers: BOTH, db: { port: "10.0.0.5:5432:5432" } });
    expect(found.env.clear).toEqual({ AT: "shop-db-production" });
    expect(found.on).toEqual({ "web-2": { clear: { AT: "10.0.0.5" }, secret: {} } });
  });
  it("reaches those of its own network by name", () => {
    const { found } = made(pooler({ AT: of("db.host") }, { network: "data" }), { db: { network: "data" } });
    expect(found.env.clear).toEqual({ AT: "shop-db-production" });
  });
  it("may fill its templates with them", () =>
    expect(problems(stack({ accessories: pooler({ AT: of("db.host") }) }))).toEqual([]));

  it("is refused in a circle, once", () => {
    const accessories = {
      ...pooler({ A: of("db.host") }),
      other: { image: "a/b", host: "web-1", env: { A: of("pooler.host") } },
    };
    refused({ accessories, db: { env: { A: of("other.host") } } }, "accessories.db.env db, other, pooler form a reference cycle");
  });
  it("is refused as the source of what it refers to", () =>
    refused(
      { accessories: pooler({ URL: of("db.host") }), env: { A: of("pooler.env.URL") } },
      "env.A URL of pooler refers to accessories itself: write that reference here",
    ));
});

describe("a reference that cannot be resolved", () => {
  const RULE = `write ${of("NAME.host")}, .port, .env.VARIABLE or .secret.VARIABLE`;
  it.each<[string, string, string]>([
    ["a misspelled accessory", of("bd.host"), 'unknown accessory "bd"; did you mean db?'],
    ["an unknown accessory", of("elasticsearch.host"), 'unknown accessory "elasticsearch"; available: db'],
    ["an unknown part", of("db.hostname"), `${of("db.hostname")} is not a reference: ${RULE}`],
    ["no part", of("db"), `${of("db")} is not a reference: ${RULE}`],
    ["nothing", `\${accessories}`, `\${accessories} is not a reference: ${RULE}`],
    ["a variable without a name", of("db.env"), `${of("db.env")} is not a reference: ${RULE}`],
    ["too much", of("db.host.x"), `${of("db.host.x")} is not a reference: ${RULE}`],
    ["no end", `\${accessories.db.host`, `a reference to an accessory lacks its closing }: ${RULE}`],
    ["a misspelt word", `\${accessory.db.host}`, `\${accessory… is not a reference: did you mean \${accessories…?`],
    ["an unknown variable", of("db.env.POSTGRES_USR"), "POSTGRES_USR of db is not in its env; did you mean POSTGRES_USER?"],
    [
      "a secret as a plain variable",
      of("db.env.POSTGRES_PASSWORD"),
      "POSTGRES_PASSWORD of db is secret: write .secret.POSTGRES_PASSWORD",
    ],
    ["a plain variable as a secret", of("db.secret.POSTGRES_DB"), "POSTGRES_DB of db is not secret: write .env.POSTGRES_DB"],
    [
      "a secret's name in slipway:secrets",
      of("db.secret.DB_PASSWORD"),
      "DB_PASSWORD of db is not in its env; available: POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD",
    ],
  ])("is refused: %s", (_, A, problem) => refused({ env: { clear: { A } } }, `env.clear.A ${problem}`));

  it("is refused where a port is not known", () =>
    refused(
      { accessories: { search: { image: "acme/search", host: "web-1" } }, env: { A: of("search.port") } },
      "env.A search has no known port: write the number here",
    ));
  it("is refused without any accessory", () =>
    expect(problems({ env: { A: of("db.host") } })).toEqual(['slipway:env.A unknown accessory "db"; available: none']));
  it("is not judged where the accessories cannot be read", () =>
    expect(problems({ env: { A: of("db.host") }, accessories: "x" })).toEqual(["slipway:accessories should be a map, not text"]));
  it("shows nothing of a value that is secret as a whole", () => {
    const [problem = ""] = problems(stack({ env: { A: `hunter2 ${of("bd.host")}` } }), { sealed: ["secrets", "env"] });
    expect(problem).toContain("unknown accessory");
    expect(problem).not.toContain("hunter2");
  });
});

describe("a template", () => {
  const TEXT = `user = \${USER}\nuser = \${USER} \${EMPTY}. $USER $\${USER} $$\${USER} \${USER:-x}\n`;
  it("names what it wants", () => expect(templateNames(TEXT)).toEqual(["USER", "EMPTY"]));
  it("is filled", () =>
    expect(fillTemplate(TEXT, { USER: "$& app", EMPTY: "" })).toBe(
      `user = $& app\nuser = $& app . $USER \${USER} $\${USER} \${USER:-x}\n`,
    ));
  it("is not filled where a value is missing", () =>
    expect(() => fillTemplate(TEXT, { EMPTY: "" })).toThrow(new TypeError("no value for USER")));
});
