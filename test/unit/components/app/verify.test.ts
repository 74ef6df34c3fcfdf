import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, it } from "vitest";
import { App } from "../../../../components/app/app.ts";
import { Server } from "../../../../components/server/server.ts";
import { Deadline } from "../../../../core/deadline.ts";
import { MemoryRegistry } from "../../registry/signatures/memory-registry.ts";
import { SIGNED } from "../../registry/signatures/signed.ts";

const registered = new Set<string>();

const isRegistered = (name: string): Promise<true> =>
  Deadline.in(10).until(
    async () => (registered.has(name) ? true : undefined),
    () => new Error(`${name} was not registered, only ${[...registered].join(", ")}`),
  );

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.add(`${type.split(":").at(-1)} ${name}`);
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "acme",
    "production",
    false,
  );
});

it("changes nothing of an app, not even its database, before its image is verified", async () => {
  const { repository, contents, image } = SIGNED.repositories.bundle;
  const { promise: verified, resolve: verify } = Promise.withResolvers<void>();
  await using registry = await MemoryRegistry.start({ after: verified });
  registry.fill(repository, contents);
  const servers = new Server("web-1", { address: "203.0.113.10", hostKey: undefined });
  const accessories = {
    db: { image: "postgres:17.2", host: servers, env: { secret: { POSTGRES_PASSWORD: "canary-p4ssword" } } },
  };
  const written = `${registry.server}/${repository}@${image.index}`;
  new App("shop", { image: written, servers, accessories, verify: { cosign: { key: SIGNED.keys.ci } } });
  new App("blog", { image: written, servers, accessories });
  await isRegistered("Accessory blog-db-web-1");
  expect(registered).not.toContain("Accessory shop-db-web-1");
  verify();
  await isRegistered("Accessory shop-db-web-1");
  await isRegistered("Release shop");
});
