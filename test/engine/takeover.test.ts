import { expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { PROXY_IMAGE } from "../../lab/proxy.ts";
import { LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { done, expectNothingToDo, update } from "../support/outcome.ts";
import { slipway } from "../support/slipway.ts";
import { answerOf, expectNobodyFailed, versionsSeen, visited } from "../support/visitors.ts";

const SHA = "3f1c9e0a7d5b42e8";

/** What `kamal deploy` leaves on a host, made by the same commands. Gives the id of the app's container. */
async function deployedByKamal(lab: Lab, host: LabHost, image: string): Promise<string> {
  const { server, username, password } = lab.registry;
  await host.must(`cd /root
    docker login ${server} -u ${username} -p '${password}'
    docker pull ${image}
    mkdir -p .kamal/proxy/apps-config .kamal/apps/shop/env/roles
    docker network create kamal
    docker run --name kamal-proxy --network kamal --detach --restart unless-stopped \
      --volume kamal-proxy-config:/home/kamal-proxy/.config/kamal-proxy \
      --volume $PWD/.kamal/proxy/apps-config:/home/kamal-proxy/.apps-config \
      --publish 80:80 --publish 443:443 --log-opt max-size=10m ${PROXY_IMAGE}
    echo SECRET=kept-by-kamal >.kamal/apps/shop/env/roles/web.env`);
  const id = await host.must(`cd /root
    docker run --detach --restart unless-stopped --name shop-web-${SHA} --network kamal --hostname ${host.name}-5e1f00ba12cd \
      --env KAMAL_CONTAINER_NAME=shop-web-${SHA} --env KAMAL_VERSION=${SHA} --env KAMAL_HOST=${host.address} \
      --env-file .kamal/apps/shop/env/roles/web.env --log-opt max-size=10m \
      --label service=shop --label role=web --label destination= ${image}`);
  await host.must(`docker exec kamal-proxy kamal-proxy deploy shop-web --target=${id.slice(0, 12)}:3000 \
    --deploy-timeout=30s --drain-timeout=30s --buffer-requests --buffer-responses \
    --log-request-header=Cache-Control --log-request-header=Last-Modified --log-request-header=User-Agent`);
  return id.trim();
}

/** What `kamal accessory boot` leaves. Gives the id of its container. */
const bootedByKamal = (host: LabHost, image: string, options = "--publish 127.0.0.1:6380:3000"): Promise<string> =>
  host
    .must(`docker run --name shop-cache --detach --restart unless-stopped --network kamal --log-opt max-size=10m ${options} \
    --env LOG_LEVEL=info --volume shop-cache:/data --label service=shop-cache ${image}`)
    .then((id) => id.trim());

const cache = (image: string) => ({
  cache: {
    image,
    host: "one",
    port: "6380:3000",
    volumes: ["shop-cache:/data"],
    healthcheck: { path: "/up" },
    env: { clear: { LOG_LEVEL: "info" } },
  },
});

const proxyOf = async (host: LabHost) => {
  const { Id, State, RestartCount, Mounts } = await host.docker.getContainer("kamal-proxy").inspect();
  return {
    id: Id,
    startedAt: State.StartedAt,
    restarts: RestartCount,
    mounts: Mounts.map(({ Destination }) => Destination).sort(),
  };
};

it("an app that Kamal deployed is taken over by an ordinary swap: same proxy, and no visitor notices", async () => {
  const lab = await freshHosts(1);
  const host = hostOf(lab);
  const [v1, v2] = [await lab.image("shop", "v1"), await lab.image("shop", "v2")];
  const kamals = await deployedByKamal(lab, host, v1.ref);
  const proxy = await proxyOf(host);
  expect(await answerOf(host)).toBe("v1");

  const accessory = await bootedByKamal(host, v1.ref);
  const servers = { web: { hosts: { one: host.address } } };
  const ssh = { keys: [lab.key.file], agent: false, config: false, host_keys: { one: host.hostKey } };
  const declared = { image: v2.ref, destination: "none", servers, ssh, accessories: cache(v1.ref) };
  await using stack = await LabStack.create(lab, declared);

  const { output } = await done(stack.preview());
  expect(output).toContain("as declared already: nothing changes on the host");
  expect(output).toMatch(/one {2}start shop-web-v2-[^\n]* gap 0 s/);
  expect(output).toContain(`shop-web-${SHA} was not started by Slipway: it stays on its hosts, stopped`);
  expect(output).toContain("cache on one   taken over from Kamal as it runs: nothing changes on the host");

  const takeover = await visited(lab, ["v1", "v2"], () => done(update(stack)));
  expectNobodyFailed(takeover);
  expect(versionsSeen(takeover)).toEqual(["v1", "v2"]);
  expect(await answerOf(host)).toBe("v2");
  expect(await proxyOf(host)).toEqual(proxy);
  expect((await liveOf(host)).name).toMatch(/^shop-web-v2-[0-9a-f]{8}$/);
  expect((await containersOf(host)).find(({ id }) => id === kamals)?.state).toBe("exited");
  expect((await liveOf(host, "shop-cache")).id).toBe(accessory);
  await expectNothingToDo(stack);
  expect((await slipway(stack, "status")).code).toBe(0);
});

it("an accessory of Kamal that is declared otherwise is replaced with its data, and the plan says so, and what closes", async () => {
  const lab = await freshHosts(1);
  const host = hostOf(lab);
  const v1 = await lab.image("shop", "v1");
  await deployedByKamal(lab, host, v1.ref);
  await bootedByKamal(host, v1.ref, "--publish 6380:3000");
  const servers = { web: { hosts: { one: host.address } } };
  const ssh = { keys: [lab.key.file], agent: false, config: false, host_keys: { one: host.hostKey } };
  await using stack = await LabStack.create(lab, {
    image: v1.ref,
    destination: "none",
    servers,
    ssh,
    accessories: cache(v1.ref),
  });
  const { output } = await done(stack.preview());
  expect(output).toMatch(/cache on one {3}replace in place, gap about [\d.]+ s: taken over from Kamal with its data/);
  expect(output).toContain("port 6380 is open on all addresses now, and will be on 127.0.0.1 alone");
});
