import { expect, it } from "vitest";
import { z } from "zod";
import type { LabHost } from "../../lab/host.ts";
import { postgresImage } from "../../lab/postgres.ts";
import { addressesOf, LabStack, type StackValues } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { type KamalAccessoryConfig, KamalApp } from "../support/kamal.ts";
import { done, expectNothingToDo, update } from "../support/outcome.ts";
import { slipway } from "../support/slipway.ts";
import { answerAs, expectNobodyFailed, versionsSeen, visited } from "../support/visitors.ts";

const [FIRST, LATER] = ["3f1c9e0a7d5b42e8", "9b04d77c1e2fa635"] as const;
const BLOG = "blog.example";
const PASSWORD = "s3cret-word";

/** One fleet as its `deploy.yml` describes it, and the same in a stack's file. */
interface Fleet {
  readonly name: string;
  readonly tags: string[];
  readonly destination: string | undefined;
  readonly hosts: number;
  /** How the database is reached and where its data is, as Kamal's user wrote it. */
  readonly kamals: Pick<KamalAccessoryConfig, "port" | "volumes" | "directories" | "options" | "labels" | "cmd">;
  readonly declared: StackValues;
  /** Where the app finds it. */
  readonly address: (host: LabHost) => string;
  readonly goBack: (shop: KamalApp) => Promise<void>;
  /** What visitors see on the way back. */
  readonly back: string;
}

const FLEETS: readonly Fleet[] = [
  {
    name: "without a destination",
    tags: [],
    destination: undefined,
    hosts: 2,
    kamals: {
      port: "5432:5432",
      directories: ["data:/var/lib/postgresql/data"],
      cmd: "postgres -c max_connections=50",
      options: { memory: "512m" },
    },
    declared: {
      port: "0.0.0.0:5432:5432",
      public: true,
      directories: ["data:/var/lib/postgresql/data"],
      cmd: "postgres -c max_connections=50",
      options: { memory: "512m" },
    },
    address: ({ address }) => address,
    goBack: (shop) => shop.deploy(LATER),
    back: LATER,
  },
  {
    name: "with a destination",
    tags: ["long"],
    destination: "staging",
    hosts: 1,
    kamals: { port: "127.0.0.1:5432:5432", volumes: ["shop-db:/var/lib/postgresql/data"], labels: { team: "checkout" } },
    declared: { service: "shop-db", port: 5432, volumes: ["shop-db:/var/lib/postgresql/data"], labels: { team: "checkout" } },
    address: () => "shop-db",
    goBack: (shop) => shop.rollback(FIRST),
    back: FIRST,
  },
];

const untagged = (ref: string): string => ref.slice(0, ref.lastIndexOf(":"));

const Rows = z.object({ acknowledged: z.number(), stored: z.number(), errors: z.number() });

const rowsAt = async (host: LabHost) => Rows.parse(JSON.parse(await answerAs(BLOG, host, "/rows")));

/** The neighbour writes a row every 50 ms: none has failed since it had so many errors, and each is there. */
async function expectAllRows(host: LabHost, errors: number): Promise<void> {
  const before = await rowsAt(host);
  await expect.poll(async () => (await rowsAt(host)).acknowledged).toBeGreaterThan(before.acknowledged);
  const now = await rowsAt(host);
  expect(now).toMatchObject({ stored: now.acknowledged, errors });
  // Each version of the app has counted from 1.
  const gaps = "select count(*) from (select 1 from lab_rows group by writer having count(*) <> max(number)) as lost";
  expect(await host.must(`docker exec shop-db psql -U app -d shop -Atc "${gaps}"`)).toBe("0\n");
}

/** Id, start and number of restarts of a container, and its mounts. */
const runOf = async (host: LabHost, name: string) => {
  const { Id, State, RestartCount, Mounts } = await host.docker.getContainer(name).inspect();
  return {
    id: Id,
    startedAt: State.StartedAt,
    restarts: RestartCount,
    mounts: Mounts.map(({ Source, Destination }) => [Source, Destination]).sort(),
  };
};

for (const fleet of FLEETS)
  it(`a fleet of Kamal's ${fleet.name} is taken over, and goes back, without a failed request or a lost row`, {
    tags: fleet.tags,
  }, async () => {
    const { destination } = fleet;
    const lab = await freshHosts(fleet.hosts);
    const host = hostOf(lab);
    const labels = { service: "shop" };
    const [first] = await Promise.all([
      lab.image("shop", FIRST, {}, { labels }),
      lab.image("shop", LATER, {}, { labels }),
      lab.image("shop", "v2", {}, { labels }),
    ]);
    const image = untagged(first.ref);
    const blogs = await lab.image("blog", FIRST, {}, { labels: { service: "blog" } });
    const database = await postgresImage(lab.registry, { tag: "17.1" });

    const url = `postgres://app:${PASSWORD}@${fleet.address(host)}:5432/shop`;
    const clear = { POSTGRES_USER: "app", POSTGRES_DB: "shop" };
    const secrets = { DATABASE_URL: url };
    const shop = new KamalApp(lab, { service: "shop", destination, image, hosts: lab.hosts, secrets });
    const ofBlog = { DATABASE_URL: `postgres://app:${PASSWORD}@shop-db:5432/shop` };
    const blog = new KamalApp(lab, {
      service: "blog",
      image: untagged(blogs.ref),
      hosts: [host],
      host: BLOG,
      secrets: ofBlog,
    });
    await shop.bootAccessory({
      name: "db",
      image: database.ref,
      host,
      clear,
      secrets: { POSTGRES_PASSWORD: PASSWORD },
      ...fleet.kamals,
    });
    await shop.deploy(FIRST);
    await blog.deploy(FIRST);
    // It asks in vain until the database is made.
    await expect
      .poll(() => rowsAt(host).catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({ acknowledged: expect.any(Number) });
    const { errors } = await rowsAt(host);
    const untouched = async () => ({ db: await runOf(host, "shop-db"), blog: await blog.facts() });
    const before = await untouched();
    const proxies = () => Promise.all(lab.hosts.map((one) => runOf(one, "kamal-proxy")));
    const proxiesBefore = await proxies();

    const accessory = { image: database.ref, host: host.name, env: { clear, secret: ["POSTGRES_PASSWORD"] }, ...fleet.declared };
    await using stack = await LabStack.create(
      lab,
      {
        image: `${image}:v2`,
        destination: destination ?? "none",
        servers: { web: { hosts: addressesOf(lab.hosts) } },
        env: { secret: ["DATABASE_URL"] },
        accessories: { db: accessory },
      },
      { "slipway:secrets.DATABASE_URL": url, "slipway:secrets.POSTGRES_PASSWORD": PASSWORD },
    );

    const { output } = await done(stack.preview());
    const prefix = destination === undefined ? "shop-web" : `shop-web-${destination}`;
    expect(output).toContain(`db on ${host.name}   taken over from Kamal as it runs: nothing changes on the host`);
    expect(output).toMatch(new RegExp(`start ${prefix}-v2-[^\\n]*\\(largest request body: no limit → 250 MB\\)[^\\n]* gap 0 s`));
    expect(output).toContain(`${prefix}-${FIRST} was not started by Slipway: it stays on its hosts, stopped`);
    expect(output).not.toContain("blog");

    const since = new Date();
    const takeover = await visited(lab, [FIRST, "v2"], () => done(update(stack)));
    expectNobodyFailed(takeover);
    expect(versionsSeen(takeover)).toEqual([FIRST, "v2"]);
    expect(await untouched()).toEqual(before);
    expect(await proxies()).toEqual(proxiesBefore);
    expect((await host.mutations(since)).filter(({ name }) => name === "shop-db" || name.startsWith("blog"))).toEqual([]);
    await expectAllRows(host, errors);
    expect((await liveOf(host)).name).toMatch(new RegExp(`^${prefix}-v2-[0-9a-f]{8}$`));
    expect((await containersOf(host)).find(({ name }) => name === `${prefix}-${FIRST}`)?.state).toBe("exited");
    await expectNothingToDo(stack);
    expect((await slipway(stack, "status")).code).toBe(0);

    const wayBack = await visited(lab, ["v2", fleet.back], () => fleet.goBack(shop));
    expectNobodyFailed(wayBack);
    expect(versionsSeen(wayBack)).toEqual(["v2", fleet.back]);
    expect(await untouched()).toEqual(before);
    await expectAllRows(host, errors);

    const again = (await done(stack.preview())).output;
    expect(again).toContain("found stopped with code 0 (drift)");
    expect(again).toMatch(new RegExp(`re-create ${prefix}-v2-[^\\n]* stop ${prefix}-${fleet.back} .* gap 0 s`));
    expect(again).toContain(`${prefix}-${fleet.back} was not started by Slipway`);
    expect(again).toMatch(/~ 1 to update\n +\d+ unchanged/);
    const status = await slipway(stack, "status");
    expect(status.stdout).toContain(`serves   ${prefix}-${fleet.back} on ${lab.hosts.map(({ name }) => name).join(", ")}`);
    expect(status.stdout).toMatch(/db +\S+ +shop-db +postgres:17\.1 +running/);
  });
