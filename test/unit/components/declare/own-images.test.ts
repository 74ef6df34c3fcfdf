import { describe, expect, it } from "vitest";
import { builtImages, nameOfBuild, nameOfJob } from "../../../../components/declare/built-images.ts";
import { type Digests, declareApp, declareImages } from "../../../../components/declare/release.ts";
import { places } from "../../../../providers/release/places.ts";
import { read } from "../../config/fixture.ts";

const digest = (word: string): string => `sha256:${word.repeat(16)}`;
const [SHOP, WORKER, OTHER] = [digest("9f31"), digest("04bd"), digest("77c2")] as const;

const SERVERS = {
  web: ["203.0.113.10"],
  worker: { hosts: ["203.0.113.10"], proxy: false, image: "ghcr.io/acme/worker:7" },
  mail: { hosts: ["203.0.113.10"], proxy: false },
};
const declared = (changes: object = {}, digests: Partial<Digests> = {}) => {
  const config = read({ image: "ghcr.io/acme/shop:1.4.2", servers: SERVERS, ...changes });
  const { roles } = declareApp(config);
  return {
    config,
    roles,
    ...declareImages(config, roles, { image: SHOP, canary: undefined, roles: { worker: { image: WORKER } }, ...digests }),
  };
};
const slot = (role: string) => `203.0.113.10/${role}` as const;

describe("the images of a release", () => {
  it("are the app's, and those of the roles that have their own, each with its version", () => {
    const { version, image, images } = declared();
    expect({ version, image, images }).toEqual({
      version: "1.4.2",
      image: `ghcr.io/acme/shop@${SHOP}`,
      images: { worker: { version: "7", image: `ghcr.io/acme/worker@${WORKER}` } },
    });
  });

  it("run where their roles do", () => {
    const { config, roles, ...images } = declared();
    const inputs = { ...declareApp(config), ...images } as unknown as Parameters<typeof places>[0];
    expect(Object.fromEntries(places(inputs).map(({ role, image, version }) => [role, `${version} ${image}`]))).toEqual({
      web: `1.4.2 ghcr.io/acme/shop@${SHOP}`,
      worker: `7 ghcr.io/acme/worker@${WORKER}`,
      mail: `1.4.2 ghcr.io/acme/shop@${SHOP}`,
    });
  });

  it("decide the containers of their own role alone", () => {
    const [before, worker, app] = [
      declared(),
      declared({}, { roles: { worker: { image: OTHER } } }),
      declared({}, { image: OTHER }),
    ];
    const changed = (now: typeof before) =>
      Object.keys(before.containers).filter(
        (one) => now.containers[slot(one.split("/")[1] ?? "")] !== before.containers[one as never],
      );
    expect(changed(worker)).toEqual([slot("worker")]);
    expect(changed(app).sort()).toEqual([slot("mail"), slot("web")]);
    expect(worker.release).not.toBe(before.release);
  });

  it("that are built have the version of their own build, unless the config names it", () => {
    const built = { roles: { worker: { image: WORKER, version: "3f2a1b9" } } };
    const servers = { ...SERVERS, worker: { ...SERVERS.worker, image: undefined, builder: {} } };
    expect(declared({ servers }, built).images?.worker?.version).toBe("3f2a1b9");
    expect(declared({ servers, version: "5" }, built).images?.worker?.version).toBe("5");
  });

  it("are the same release from any registry, and from none: by a digest the same image runs", () => {
    const here = (image: string) => declared({ image, version: "1.4.2" });
    const [there, moved, stored] = [here("ghcr.io/acme/shop:1"), here("registry.example/shop:1"), here("file://shop.tar")];
    expect([moved.release, stored.release]).toEqual([there.release, there.release]);
    expect([moved.containers, stored.containers]).toEqual([there.containers, there.containers]);
    expect(new Set([there.image, moved.image, stored.image]).size).toBe(3);
  });

  it("are no canary where a role has its own: that of the app is tried", () => {
    const servers = {
      ...SERVERS,
      admin: { hosts: ["203.0.113.10"], image: "ghcr.io/acme/admin:1", proxy: { host: "admin.example.com" } },
    };
    const changes = { servers, canary: { version: "1.5.0", percent: 10 }, proxy: { host: "shop.example.com" } };
    const { canary } = declared(changes, { canary: OTHER, roles: { worker: { image: WORKER }, admin: { image: WORKER } } });
    expect(Object.keys(canary?.containers ?? {})).toEqual([slot("web")]);
  });
});

describe("what is built in an app", () => {
  it("is its own image, then those of roles and jobs, each with its name", () => {
    const config = read({
      image: "ghcr.io/acme/shop",
      builder: { arch: "amd64" },
      servers: { ...SERVERS, mail: { hosts: ["203.0.113.10"], proxy: false, builder: { context: "apps/mail" } } },
      jobs: { report: { schedule: "@daily", cmd: "report", builder: { context: "apps/report" } } },
    });
    expect(builtImages(config).map(({ name, image, builder }) => [name, image, builder.context, builder.platforms])).toEqual([
      [undefined, "ghcr.io/acme/shop", ".", ["linux/amd64"]],
      ["mail", "ghcr.io/acme/shop-mail", "apps/mail", ["linux/amd64"]],
      ["job report", "ghcr.io/acme/shop-report", "apps/report", ["linux/amd64"]],
    ]);
  });
});

describe("the resource of a build", () => {
  it("has a name of its own for a role that is called like a job", () => {
    expect([undefined, "worker", "job-report", nameOfJob("report")].map((name) => nameOfBuild("shop", name))).toEqual([
      "shop-image",
      "shop-worker-image",
      "shop-job-report-image",
      "shop-image-job-report",
    ]);
  });
});
