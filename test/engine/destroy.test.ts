import { expect, it } from "vitest";
import { LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf } from "../support/hosts.ts";
import { pulled } from "../support/images.ts";
import { inventoryOf, settled } from "../support/inventory.ts";
import { done, update } from "../support/outcome.ts";

const idOf = async (host: ReturnType<typeof hostOf>, name: string) => (await host.docker.getContainer(name).inspect()).Id;

it("pulumi destroy leaves the host as it was before the first up, with all that is others'", async () => {
  const lab = await freshHosts(1);
  const host = hostOf(lab);
  const stranger = await lab.image("stranger", "v1", { VERSION: "stranger" });
  await pulled(lab, host, stranger.ref);
  await host.must(`docker network create theirs && docker volume create theirs
    docker run --detach --name stranger --label service=stranger --network theirs --volume theirs:/data ${stranger.ref}
    docker run --detach --name shop-lookalike ${stranger.ref}`);
  // The proxy's image came with the lab, or was pulled from its registry by a test before; a real host has none before the first up.
  await host.must("docker images | awk '/kamal-proxy/ {print $3}' | sort -u | xargs --no-run-if-empty docker rmi --force");
  const before = await settled(host);

  const [v1, v2] = [await lab.image("shop", "v1"), await lab.image("shop", "v2")];
  await using stack = await LabStack.create(lab, {
    image: v1.ref,
    proxy: { app_port: 3000, run: { registry: lab.registry.server } },
  });
  await done(update(stack));
  await stack.configure({ image: v2.ref });
  await done(update(stack));
  // It would be no proof if nothing of it had been there.
  const during = await inventoryOf(host);
  for (const kind of ["containers", "networks", "volumes", "images"] as const)
    expect(during[kind].length, kind).toBeGreaterThan(before[kind].length);

  await done(stack.destroy());
  expect(await settled(host)).toEqual(before);
  expect(await idOf(host, "stranger")).toBe(before.containers.find((line) => line.includes(" stranger "))?.split(" ")[0]);
});

it("pulumi destroy removes the app also where the proxy does not run, and its port is taken", async () => {
  const lab = await freshHosts(1);
  const host = hostOf(lab);
  const shop = await lab.image("shop", "v1");
  await using stack = await LabStack.create(lab, { image: shop.ref, proxy: { app_port: 3000 } });
  await done(update(stack));
  // Another service keeps the proxy and its volume from being removed.
  await pulled(lab, host, shop.ref);
  await host.must(`docker run --detach --name blog-web-1 --network kamal --label service=blog --label role=web ${shop.ref}`);
  await host.must("docker stop kamal-proxy");
  await host.takePort(80);

  await done(stack.destroy());
  await host.freePort(80);

  expect(await containersOf(host, "shop")).toEqual([]);
  await host.must("docker start kamal-proxy");
  expect(await host.must("docker exec kamal-proxy kamal-proxy list")).not.toContain("shop");
});

it("pulumi destroy leaves the proxy to another service that needs it, and never interrupts that", async () => {
  const lab = await freshHosts(1);
  const host = hostOf(lab);
  const [shop, blog] = [await lab.image("shop", "v1"), await lab.image("blog", "blog")];
  await pulled(lab, host, blog.ref);
  await using stack = await LabStack.create(lab, { image: shop.ref, proxy: { app_port: 3000, host: "shop.example" } });
  await done(update(stack));
  const blogs = (
    await host.must(`docker run --detach --name blog-web-1 --network kamal --label service=blog --label role=web \
    --label destination= ${blog.ref}`)
  ).trim();
  await host.must(`docker exec kamal-proxy kamal-proxy deploy blog-web --host=blog.example --target=${blogs.slice(0, 12)}:3000`);
  const proxy = await idOf(host, "kamal-proxy");

  const load = await lab.load({
    url: `http://${host.address}/`,
    host: "blog.example",
    expect: (status, body) => status === 200 && body === "blog",
  });
  const { output } = await done(stack.destroy());
  const seen = await load.stop();

  expect(seen.failures).toEqual([]);
  expect(seen.ok).toBeGreaterThan(100);
  expect(output).toMatch(/kamal-proxy stays, .*blog.* it/);
  expect(await idOf(host, "kamal-proxy")).toBe(proxy);
  expect(await idOf(host, "blog-web-1")).toBe(blogs);
  expect(await containersOf(host, "shop")).toEqual([]);
  expect(await host.must("docker exec kamal-proxy kamal-proxy list")).not.toContain("shop");
  expect(await host.must("docker images")).not.toContain("/shop");
});
