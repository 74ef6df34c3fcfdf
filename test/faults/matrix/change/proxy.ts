import { Deadline } from "../../../../core/deadline.ts";
import type { Bytes } from "../../../../core/words.ts";
import type { LabHost } from "../../../../lab/host.ts";
import { PROXY_IMAGE } from "../../../../lab/proxy.ts";
import { ProxyInputs } from "../../../../providers/proxy/inputs.ts";
import { pinnedImage, pulled } from "../../../support/images.ts";
import { ask } from "../finding.ts";
import type { Change, Declared, Play, Scene } from "./change.ts";
import { dockerProblems, said, unlike } from "./on-host.ts";

const DISK: Bytes = 512 * 1024 ** 2;
const SITE = "shop.example";
const VOLUME = "kamal-proxy-config";
/** A container that was stopped with Docker answers a moment after Docker. */
const PATIENCE = 15;
/** An app behind the proxy, whose route must outlive it. */
const app = (image: string) => `docker inspect app >/dev/null 2>&1 || {
  docker run -d --restart always --network kamal --name app ${image} >/dev/null
  docker exec kamal-proxy kamal-proxy deploy shop-web --target app:3000 --host ${SITE} --health-check-path /up; }`;

const common = { provider: "proxy", machine: { disk: DISK } } as const;

const proxyAt = ({ address }: Scene, changes: Partial<ProxyInputs> = {}): Declared =>
  ProxyInputs.parse({
    schema: 1,
    host: address,
    stack: "slipway/lab",
    image: PROXY_IMAGE,
    publish: ["80:80"],
    options: [],
    logMaxSize: "10m",
    status: "running",
    ...changes,
  });

const command = async ({ host }: Scene): Promise<string> =>
  said(host, "docker inspect -f '{{join .Config.Cmd \" \"}} {{.HostConfig.LogConfig.Config}}' kamal-proxy");

const running = { running: true, restart: "unless-stopped" } as const;

async function created(scene: Scene): Promise<Play> {
  const { host } = scene;
  const after = proxyAt(scene);
  return {
    before: undefined,
    attempt: after,
    after,
    lay: async () => {},
    // A proxy that nothing needs is removed with its image, which the hosts of the lab have from the beginning.
    clear: () => host.ensureProxyImages(),
    problems: async (when) =>
      when === "before"
        ? dockerProblems(host, { containers: {} })
        : [
            ...(await dockerProblems(host, { containers: { "kamal-proxy": running }, volumes: [VOLUME], networks: ["kamal"] })),
            ...unlike("its command", "kamal-proxy run map[max-size:10m]", await command(scene)),
          ],
  };
}

async function answerProblems({ address }: LabHost): Promise<string[]> {
  let last = "";
  const right = async () => {
    last = await ask(address, SITE);
    return last === "200 v1" ? true : undefined;
  };
  await Deadline.in(PATIENCE)
    .until(right, () => new Error("not yet"))
    .catch(() => {});
  return unlike("the answer", "200 v1", last);
}

async function replaced(scene: Scene): Promise<Play> {
  const { lab, host } = scene;
  const image = await pinnedImage(lab, "v1");
  const after = proxyAt(scene, { options: ["--metrics-port=9090"], logMaxSize: "20m" });
  return {
    before: proxyAt(scene),
    attempt: after,
    after,
    lay: async () => void (await pulled(lab, host, image)),
    clear: async () => void (await host.must(app(image))),
    users: { path: "/version", site: SITE, gap: true },
    problems: async (when) => [
      ...(await dockerProblems(host, {
        containers: { "kamal-proxy": running, app: { running: true, restart: "always" } },
        volumes: [VOLUME],
        networks: ["kamal"],
      })),
      ...unlike(
        "its command",
        when === "after" ? "kamal-proxy run --metrics-port=9090 map[max-size:20m]" : "kamal-proxy run map[max-size:10m]",
        await command(scene),
      ),
      ...(await answerProblems(host)),
    ],
  };
}

export const PROXY: readonly Change[] = [
  {
    ...common,
    name: "proxy-create",
    says: "a proxy on a host that has none",
    faults: ["kill", "cut", "reboot"],
    play: created,
  },
  {
    ...common,
    name: "proxy-replace",
    says: "other options and another log size for a proxy with a route; the gap of the replacement is planned",
    faults: ["kill", "cut", "reboot"],
    play: replaced,
  },
];
