import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { imageDigests } from "../../../../components/declare/digests.ts";
import { declareApp, declareImages } from "../../../../components/declare/release.ts";
import type { Job } from "../../../../config/schedule/job.ts";
import { SlipwayError } from "../../../../core/error.ts";
import { read } from "../../config/fixture.ts";
import { aLayout, anImage, anIndex, tarOf } from "../../registry/image-file/support.ts";
import { MemoryRegistry } from "../../registry/signatures/memory-registry.ts";
import { keys, SIGNED } from "../../registry/signatures/signed.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const JOB: Job = {
  name: "report",
  cron: "@daily",
  timezone: "UTC",
  timeout: 60,
  host: "web-1",
  role: "web",
  own: undefined,
  command: ["report"],
  concurrency: "forbid",
};

/** Two registries on loopback. Each image is there for everyone but `missing`; `private` needs a login. */
const asked: { readonly port: number; readonly path: string; readonly login: string | undefined }[] = [];
const servers = [createServer(), createServer()];
let ports: number[];

beforeAll(async () => {
  ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  servers.forEach((server, at) => {
    server.on("request", ({ url = "", headers }, response) => {
      asked.push({ port: ports[at] ?? 0, path: url, login: headers.authorization });
      if (url.includes("/missing/")) response.writeHead(404).end();
      else if (url.includes("/private/") && headers.authorization === undefined)
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      else response.writeHead(200, { "docker-content-digest": DIGEST }).end();
    });
  });
});
afterAll(() => {
  for (const server of servers) server.close();
});

const { PATH } = process.env;
const NOT_BUILT = {
  service: "shop",
  destination: "production",
  version: undefined,
  builder: undefined,
  verify: undefined,
  roles: [],
};

const config = (image: string, job: string) => ({
  ...NOT_BUILT,
  image: `127.0.0.1:${ports[0]}/${image}`,
  canary: undefined,
  jobs: [
    { ...JOB, own: { image: job, builder: undefined } },
    { ...JOB, name: "sweep" },
  ],
  registry: { server: `127.0.0.1:${ports[0]}`, username: "shop", password: "hush" },
});

it("resolves the tags of jobs with an image of their own", async () => {
  const { image, jobs } = await imageDigests(config("shop:1", `127.0.0.1:${ports[0]}/private:2`));
  expect([image, jobs]).toEqual([DIGEST, { report: { image: DIGEST } }]);
});

it("sends the login to no other registry", async () => {
  asked.length = 0;
  const work = imageDigests(config("private:1", `127.0.0.1:${ports[1]}/private:2`));
  await expect(work).rejects.toThrow("refused access without a login for private (401)");
  expect(asked.filter(({ port }) => port === ports[1]).map(({ login }) => login)).toEqual([undefined]);
  await expect.poll(() => asked.some(({ port, login }) => port === ports[0] && login !== undefined)).toBe(true);
});

it("names the key of an image that is missing", async () => {
  const next = async (image: string, job: string): Promise<string> => {
    const thrown: unknown = await imageDigests(config(image, job)).catch((error: unknown) => error);
    return thrown instanceof SlipwayError ? thrown.story.next : "";
  };
  expect(await next("shop:1", `127.0.0.1:${ports[0]}/missing:2`)).toBe("push it, or correct slipway:jobs.report.image");
  expect(await next("missing:1", `127.0.0.1:${ports[0]}/report:2`)).toBe("push it, or correct slipway:image");
});

describe("an image in a file", () => {
  let project: string;
  const made = anImage(["base", "app"]);
  const index = anIndex([{ made, architecture: "amd64" }], "built at 9:00");
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "slipway-project-"));
    await writeFile(join(project, "Pulumi.yaml"), "name: shop");
    await writeFile(join(project, "shop.tar"), await tarOf(aLayout([index.descriptor], index.files)));
    await mkdir(join(project, "below"));
    vi.stubEnv("XDG_CACHE_HOME", join(project, "cache"));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    // The last test is refused for its other image, while this one may still be read.
    await rm(project, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });

  const own = { ...NOT_BUILT, image: "file://shop.tar", canary: undefined, jobs: [], registry: undefined };

  it("is found from any folder of the project, and asks no registry", async () => {
    asked.length = 0;
    const digests = await imageDigests(own, join(project, "below"));
    expect(digests).toMatchObject({ image: made.manifest, unconfirmed: [] });
    expect(digests.stored).toEqual({
      [made.manifest]: {
        index: index.digest,
        platforms: [{ os: "linux", arch: "amd64", manifest: made.manifest, config: made.config }],
      },
    });
    expect(asked).toEqual([]);
  });

  it("becomes an image of the store, under the name of its service, wherever the file is", async () => {
    const config = read({ image: "file://shop.tar" });
    const digests = await imageDigests(own, project);
    const { image, version, __stored: stored } = declareImages(config, declareApp(config).roles, digests);
    expect(image).toBe(`slipway.invalid/shop@${made.manifest}`);
    expect(version).toBe(made.manifest.slice(7, 19));
    expect(stored).toEqual(digests.stored);
  });

  it("that is written by digest as one of the engine comes from the store, and Docker is not asked", async () => {
    await imageDigests(own, project);
    vi.stubEnv("PATH", "");
    try {
      const image = `engine://shop:dev@${made.manifest}`;
      const digests = await imageDigests({ ...own, image }, join(project, "below"));
      expect(digests).toMatchObject({ image: made.manifest, unconfirmed: [] });
      expect(Object.keys(digests.stored ?? {})).toEqual([made.manifest]);
      const config = read({ image });
      expect(declareImages(config, declareApp(config).roles, digests).image).toBe(`slipway.invalid/shop@${made.manifest}`);
      await expect(imageDigests({ ...own, image: "engine://shop:dev" }, project)).rejects.toThrow(
        "docker is missing on this machine, and the image is to come from its engine",
      );
    } finally {
      vi.stubEnv("PATH", PATH);
    }
  });

  it("that is missing is refused with the key where it is written", async () => {
    const canary = { image: "file://canary.tar", version: undefined, share: { to: "percent" as const, percent: 1 } };
    await expect(imageDigests({ ...own, canary }, project)).rejects.toThrow(
      /there is no file canary\.tar[\s\S]*correct slipway:canary\.image/,
    );
  });
});

describe("a signature that is asked for", () => {
  const { repository, contents, image, moved } = SIGNED.repositories.bundle;

  async function asking(tag: string, canary?: string) {
    const signed = await MemoryRegistry.start();
    signed.fill(repository, contents);
    const name = `${signed.server}/${repository}`;
    const share = { to: "percent", percent: 10 } as const;
    const tried = canary === undefined ? undefined : { image: `${name}:${canary}`, version: undefined, share };
    const own = { ...NOT_BUILT, image: `${name}:${tag}`, canary: tried, jobs: [], registry: undefined, verify: keys("ci") };
    return { signed, own };
  }

  it("is a part of what is declared, for the digest that the tag means", async () => {
    const { signed, own } = await asking("1.4.2");
    await using _ = signed;
    expect(await imageDigests(own)).toMatchObject({
      image: image.index,
      verified: { [image.index]: { signed: "with the key ci.pub" } },
    });
  });

  it("is missing: nothing is declared", async () => {
    const { signed, own } = await asking("1.4.3");
    await using _ = signed;
    await expect(imageDigests(own)).rejects.toThrow(`${moved.index} does not have the signature that slipway:verify asks for`);
  });

  it("is missing of the canary", async () => {
    const { signed, own } = await asking("1.4.2", "1.4.3");
    await using _ = signed;
    await expect(imageDigests(own)).rejects.toThrow(`${moved.index} does not have the signature that slipway:verify asks for`);
  });

  it("costs no request where none is asked for", async () => {
    const { signed, own } = await asking("1.4.3");
    await using _ = signed;
    await imageDigests({ ...own, verify: undefined });
    expect(signed.asked).toEqual([`HEAD /v2/${repository}/manifests/1.4.3`]);
  });
});
