import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { importKamal } from "../../cli/import/run.ts";
import { postgresImage } from "../../lab/postgres.ts";
import { LabStack, type StackValues } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { KamalApp } from "../support/kamal.ts";
import { done, expectNothingToDo, update } from "../support/outcome.ts";
import { expectNobodyFailed, versionsSeen, visited } from "../support/visitors.ts";
import { aProject } from "../unit/config/fixture.ts";

const FIRST = "3f1c9e0a7d5b42e8";
const PASSWORD = "s3cret-word";

/** What slipway import writes under `slipway:` for one stack. */
function importedFrom(files: Readonly<Record<string, string>>, destination: string): StackValues {
  using app = aProject(files);
  const [report] = importKamal({ folder: app.root, config: "config/deploy.yml", destination, out: "deploy" }).stacks;
  expect(report?.findings.filter(({ outcome }) => outcome === "needs you")).toEqual([]);
  expect(report?.secrets.map(({ name }) => name).toSorted()).toEqual([
    "DATABASE_URL",
    "KAMAL_REGISTRY_PASSWORD",
    "POSTGRES_PASSWORD",
  ]);
  const written = parse(readFileSync(join(app.root, "deploy", `Pulumi.${destination}.yaml`), "utf8")) as { config: StackValues };
  return Object.fromEntries(Object.entries(written.config).map(([key, value]) => [key.replace("slipway:", ""), value]));
}

it("what slipway import makes of a deploy.yml with a destination takes the fleet over: no request fails, and the database runs on", {
  tags: ["long"],
}, async () => {
  const lab = await freshHosts(1);
  const host = hostOf(lab);
  const labels = { service: "shop" };
  const [first] = await Promise.all([lab.image("shop", FIRST, {}, { labels }), lab.image("shop", "v2", {}, { labels })]);
  const image = first.ref.slice(0, first.ref.lastIndexOf(":"));
  const database = await postgresImage(lab.registry, { tag: "17.1" });
  const clear = { POSTGRES_USER: "app", POSTGRES_DB: "shop" };
  const url = `postgres://app:${PASSWORD}@shop-db:5432/shop`;

  const shop = new KamalApp(lab, {
    service: "shop",
    destination: "staging",
    image,
    hosts: lab.hosts,
    secrets: { DATABASE_URL: url },
  });
  await shop.bootAccessory({
    name: "db",
    image: database.ref,
    host,
    clear,
    secrets: { POSTGRES_PASSWORD: PASSWORD },
    port: "5432:5432",
    directories: ["data:/var/lib/postgresql/data"],
    options: { memory: "512m" },
  });
  await shop.deploy(FIRST);
  const runOf = async (name: string) => {
    const { Id, State } = await host.docker.getContainer(name).inspect();
    return { id: Id, startedAt: State.StartedAt };
  };
  const before = { db: await runOf("shop-db"), proxy: await runOf("kamal-proxy") };

  const { server, username, password } = lab.registry;
  const imported = importedFrom(
    {
      "config/deploy.yml": `service: shop
image: ${image.slice(server.length + 1)}
registry:
  server: ${server}
  username: ${username}
  password: [KAMAL_REGISTRY_PASSWORD]
builder: { arch: amd64 }
proxy: { app_port: 3000 }
env:
  secret: [DATABASE_URL]
accessories:
  db:
    image: ${database.ref}
    port: "5432:5432"
    env:
      clear: { POSTGRES_USER: app, POSTGRES_DB: shop }
      secret: [POSTGRES_PASSWORD]
    directories:
      - data:/var/lib/postgresql/data
    options: { memory: 512m }
`,
      "config/deploy.staging.yml": `servers:
  web: [<%= ENV["HOST"] || "${host.address}" %>]
accessories:
  db: { host: ${host.address} }
`,
      ".kamal/secrets-common": "KAMAL_REGISTRY_PASSWORD=$P\nDATABASE_URL=$URL\nPOSTGRES_PASSWORD=$(cat x)\n",
    },
    "staging",
  );
  expect(imported).toMatchObject({ destination: "staging", accessories: { db: { service: "shop-db", public: true } } });

  await using stack = await LabStack.create(
    lab,
    {
      ...imported,
      // It is in the registry already: what a build does is not asked here.
      builder: undefined,
      image: `${image}:v2`,
      ssh: { keys: [lab.key.file], agent: false, config: false, host_keys: { [host.address]: host.hostKey } },
    },
    {
      "slipway:secrets.DATABASE_URL": url,
      "slipway:secrets.POSTGRES_PASSWORD": PASSWORD,
      "slipway:secrets.KAMAL_REGISTRY_PASSWORD": password,
    },
  );
  const { output } = await done(stack.preview());
  expect(output).toContain(`db on ${host.address}   taken over from Kamal as it runs: nothing changes on the host`);
  expect(output).toMatch(/start shop-web-staging-v2-[^\n]* gap 0 s/);

  const takeover = await visited(lab, [FIRST, "v2"], () => done(update(stack)));
  expectNobodyFailed(takeover);
  expect(versionsSeen(takeover)).toEqual([FIRST, "v2"]);
  expect({ db: await runOf("shop-db"), proxy: await runOf("kamal-proxy") }).toEqual(before);
  expect((await liveOf(host)).name).toMatch(/^shop-web-staging-v2-[0-9a-f]{8}$/);
  expect((await containersOf(host)).find(({ name }) => name === `shop-web-staging-${FIRST}`)?.state).toBe("exited");
  await expectNothingToDo(stack);
});
