import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { type Issued, issued, visitSafely } from "../../support/certificate.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { leaksOf } from "../../support/leaks.ts";
import { storyOf } from "../../support/moments.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { watchProcesses } from "../../support/process-watch.ts";

const NAME = "shop.example";
const VOLUME = "/var/lib/docker/volumes/kamal-proxy-config/_data";

let lab: Lab;
let image: string;
let first: Issued;
let renewed: Issued;

beforeAll(async () => {
  lab = await freshHosts(2);
  image = await pinnedImage(lab, "v1");
  [first, renewed] = await Promise.all([issued(lab, NAME), issued(lab, NAME)]);
});

const everywhere = () => Promise.all(lab.hosts.map((host) => visitSafely(lab, host, NAME)));
const proxied = (certificate: string, key: string) => ({
  app_port: 3000,
  host: NAME,
  ssl: { certificate_pem: certificate, private_key_pem: key },
});

/** Does `work` while a visitor comes to the first host every 20 ms, and for a few more. Gives what went wrong for them. */
async function visitedSafely(work: () => Promise<unknown>): Promise<{ visits: number; failures: string[] }> {
  const visits: Promise<string>[] = [];
  const visit = () =>
    visitSafely(lab, hostOf(lab), NAME).then(
      ({ body }) => (body === "v1" ? "" : body),
      (failure: unknown) => String(failure),
    );
  const enough = Promise.withResolvers<void>();
  let wanted = Number.POSITIVE_INFINITY;
  const timer = setInterval(() => {
    visits.push(visit());
    if (visits.length >= wanted) enough.resolve();
  }, 20);
  try {
    await work();
    wanted = visits.length + 30;
    await enough.promise;
  } finally {
    clearInterval(timer);
  }
  return { visits: visits.length, failures: (await Promise.all(visits)).filter((failure) => failure !== "") };
}

/** Mode, owner and path of every file of the app in the proxy's volume. */
const files = (at = 0) =>
  hostOf(lab, at).must(
    `cd ${VOLUME} && { [ ! -d slipway ] || find slipway -type f -size +0 -printf '%m %u %p\\n' | sort; }; stat -c '%u' kamal-proxy.state`,
  );

describe("a certificate of one's own", () => {
  let app: App;
  let seen: string;
  beforeAll(async () => {
    const secrets = { CERT: first.certificate, KEY: first.key, CERT_2: renewed.certificate, KEY_2: renewed.key };
    app = await App.create(lab, { image, proxy: proxied("CERT", "KEY"), deploy_timeout: 10, drain_timeout: 5 }, secrets);
    expect(await app.preview()).toContain("place cert.pem, key.pem for the proxy");
    const host = hostOf(lab);
    const since = Math.floor(Date.now() / 1000);
    const processes = await watchProcesses(host);
    const { said, statuses, trace } = await app.released();
    const events = await host.must(`docker events --since ${since} --until $(date +%s.%N) --format '{{json .}}'`);
    seen = [await processes.seen(), events, JSON.stringify([said, statuses, trace])].join("\n");
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("is shown by every host, and visitors who trust its issuer are let in", async () => {
    const visits = await everywhere();
    expect(visits.map(({ body }) => body)).toEqual(["v1", "v1"]);
    expect(new Set(visits.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(await app.preview()).toBe("");
  });

  it("has its key where only the proxy reads it", async () => {
    for (const at of [0, 1]) {
      const lines = (await files(at)).trim().split("\n");
      const owner = lines.pop();
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(line).toMatch(/^600 \S+ slipway\/shop-lab\/[0-9a-f]{12}\/(cert|key)\.pem$/);
      expect(await hostOf(lab, at).must(`cd ${VOLUME} && find slipway ! -uid ${owner} -print`)).toBe("");
    }
  });

  it("has its key nowhere else: not in command lines, labels, environments, logs, the proxy's state or the release's", async () => {
    const host = hostOf(lab);
    const body = first.key.split("\n").slice(1, -2).join("");
    const inspected = await Promise.all(
      (await host.docker.listContainers({ all: true })).map(({ Id }) => host.docker.getContainer(Id).inspect()),
    );
    const { secrets, ...state } = app.state ?? {};
    const places = {
      "what was said, traced and run": seen,
      containers: JSON.stringify(inspected),
      "the proxy's log": await host.must("docker logs kamal-proxy 2>&1"),
      "the proxy's state": await host.must(`cat ${VOLUME}/kamal-proxy.state`),
      "the release's state beside its secrets": JSON.stringify(state),
      preview: await app.preview({ proxy: proxied("CERT_2", "KEY_2") }),
    };
    app.configure({ proxy: proxied("CERT", "KEY") });
    expect(leaksOf({ key: body.slice(0, 64), "first line": first.key.split("\n")[1] ?? "" }, places)).toEqual([]);
    expect(seen.includes("exec_create: kamal-proxy deploy shop-web"), "the proxy's command line would have been seen").toBe(true);
    expect(places["the proxy's state"]).toContain("/key.pem");
    expect(JSON.stringify(secrets)).toContain(first.key.split("\n")[1]);
  });

  it("that was renewed changes the route and no container, and no visitor fails; the old key is taken away", async () => {
    const [before] = await everywhere();
    const old = await files();
    const preview = await app.preview({ proxy: proxied("CERT_2", "KEY_2") });
    expect(preview).toMatch(
      /place cert\.pem, key\.pem for the proxy · set the route shop-web-lab → shop-web-lab-v1-\S+ {3}gap 0 s/,
    );
    const events = await mutationsDuring(lab.hosts, async () => {
      const { visits, failures } = await visitedSafely(() => app.released());
      expect(failures).toEqual([]);
      expect(visits).toBeGreaterThan(30);
    });
    expect(Object.values(events).flatMap(storyOf)).toEqual([]);
    const after = await everywhere();
    for (const { fingerprint } of after) expect(fingerprint).not.toBe(before?.fingerprint);
    for (const at of [0, 1]) expect((await files(at)).match(/key\.pem/g)).toHaveLength(1);
    expect(await files()).not.toBe(old);
    expect(await app.preview()).toBe("");
  });

  it("is shown after a restart of the proxy, too", async () => {
    const host = hostOf(lab);
    await host.must("docker restart -t 1 kamal-proxy");
    const visit = () => visitSafely(lab, host, NAME).catch(() => undefined);
    await expect.poll(visit, { timeout: 5000 }).toMatchObject({ body: "v1" });
    expect(await app.preview()).toBe("");
  });

  it("leaves no key behind when the app is taken away", async () => {
    await app.withdraw();
    for (const at of [0, 1]) expect(await files(at)).not.toContain("slipway");
  });
});
