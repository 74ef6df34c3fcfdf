import { Deadline } from "../../../../core/deadline.ts";
import type { Bytes } from "../../../../core/words.ts";
import { BOOT_FILES } from "../../../../providers/firewall/boot.ts";
import { CONFIRM_TIMEOUT } from "../../../../providers/steps/dead-man-switch.ts";
import { isOpen } from "../../../support/doors.ts";
import { aFirewall } from "../../../support/firewall.ts";
import { openAgain } from "../../../support/hosts.ts";
import { pinnedImage, pulled } from "../../../support/images.ts";
import type { Change, Declared, Play, Scene } from "./change.ts";
import { said, unlike } from "./on-host.ts";

const DISK: Bytes = 512 * 1024 ** 2;
/** A container that was stopped with Docker answers a moment after Docker. */
const PATIENCE = 15;

/** Docker's own change with the addresses of its containers. */
const FOREIGN = "{ iptables -S; ip6tables -S; } | grep -v -e SLIPWAY -e slipway: -e DOCKER | sort";
const ARMED = "ls -d /run/slipway-firewall/armed.* 2>/dev/null | wc -l";
const OURS = "{ iptables -S; ip6tables -S; } | grep -c -e SLIPWAY -e slipway:; true";
/** What systemd does at boot with a service that is enabled and of this type; no systemd runs on hosts of the lab. */
const AT_BOOT = `for unit in /etc/systemd/system/multi-user.target.wants/*.service; do
  grep -qx Type=oneshot "$unit" && $(sed -n 's/^ExecStart=//p' "$unit"); done`;
const KEPT = `stat -c '%a %U %n' ${BOOT_FILES.join(" ")} 2>/dev/null | wc -l; ls /etc/systemd/system/multi-user.target.wants | grep -c slipway; true`;

/** Which ports answer from outside, and what is left of an attempt. */
async function doors({ host }: Scene, open: readonly number[], closed: readonly number[]): Promise<string[]> {
  const answers = (port: number) => async () => ((await isOpen(host.address, port)) ? true : undefined);
  const shut = await Promise.all(
    open.map((port) =>
      Deadline.in(PATIENCE)
        .until(answers(port), () => new Error("shut"))
        .then(
          () => [],
          () => [`fr-1: port ${port} does not answer`],
        ),
    ),
  );
  const ajar = await Promise.all(
    closed.map(async (port) => ((await isOpen(host.address, port, 300)) ? [`fr-1: port ${port} is open`] : [])),
  );
  return [...shut.flat(), ...ajar.flat(), ...unlike("the number of countdowns", "0", await said(host, ARMED))];
}

/** Two containers that publish ports to everybody. */
async function publishing(scene: Scene) {
  const { lab, host, address } = scene;
  const image = await pinnedImage(lab, "v1");
  let foreign = "";
  const lay = async () => {
    await openAgain(host);
    await host.must("rm -rf /run/slipway-firewall");
    await pulled(lab, host, image);
    await host.must(
      `docker run -d --restart always --name web -p 80:3000 -p 443:3000 ${image} && docker run -d --restart always --name db -p 5432:3000 ${image}`,
    );
    foreign = await said(host, FOREIGN);
  };
  const inputs = (...open: string[]): Declared => aFirewall(host, { host: address, open });
  const found = async (open: readonly number[], closed: readonly number[]) => [
    ...(await doors(scene, open, closed)),
    ...unlike("what others have in iptables", foreign, await said(host, FOREIGN)),
  ];
  return { lay, inputs, found };
}

const users = { path: "/version" } as const;

async function closed(scene: Scene): Promise<Play> {
  const { lay, inputs, found } = await publishing(scene);
  const after = inputs("80/tcp", "443/tcp");
  return {
    before: undefined,
    attempt: after,
    after,
    lay,
    users,
    problems: async (when) =>
      when === "after"
        ? found([22, 80, 443], [5432])
        : [...(await found([22, 80, 443, 5432], [])), ...unlike("the number of our rules", "0", await said(scene.host, OURS))],
  };
}

async function changed(scene: Scene): Promise<Play> {
  const { lay, inputs, found } = await publishing(scene);
  const gateway = scene.host.address.replace(/\.\d+$/, ".1");
  const after = inputs("80/tcp", `5432/tcp from ${gateway}/32`);
  return {
    before: inputs("80/tcp", "443/tcp"),
    attempt: after,
    after,
    lay,
    users,
    problems: (when) => (when === "after" ? found([22, 80, 5432], [443]) : found([22, 80, 443], [5432])),
  };
}

async function lockingOut(scene: Scene): Promise<Play> {
  const { lay, inputs, found } = await publishing(scene);
  const before = inputs("80/tcp", "443/tcp");
  return {
    before,
    attempt: { ...before, ssh: ["198.51.100.0/24"] },
    after: before,
    ends: "refused",
    opensWithin: CONFIRM_TIMEOUT + 5,
    lay,
    users,
    problems: () => found([22, 80, 443], [5432]),
  };
}

async function opened(scene: Scene): Promise<Play> {
  const { lay, inputs, found } = await publishing(scene);
  return {
    before: inputs("80/tcp", "443/tcp"),
    attempt: inputs("80/tcp", "5432/tcp"),
    after: undefined,
    lay,
    users,
    problems: async (when) =>
      when === "before"
        ? found([22, 80, 443], [5432])
        : [...(await found([22, 80, 443, 5432], [])), ...unlike("the number of our rules", "0", await said(scene.host, OURS))],
  };
}

async function keptAtBoot(scene: Scene): Promise<Play> {
  const { host, address } = scene;
  const after = aFirewall(host, { host: address, open: ["80/tcp"] });
  const kept = (count: string) => async () => unlike("what is loaded at boot", count, await said(host, KEPT));
  return {
    before: undefined,
    attempt: after,
    after,
    lay: async () => void (await host.must(`sed -i "/^fault()/r /dev/stdin" /usr/local/sbin/boot <<'END'\n${AT_BOOT}\nEND`)),
    problems: async (when) => [
      ...(await doors(scene, [22], [])),
      ...(when === "after"
        ? await kept("4\n1")()
        : [...(await kept("0\n0")()), ...unlike("the number of our rules", "0", await said(host, OURS))]),
    ],
  };
}

const common = { provider: "firewall", machine: { disk: DISK } } as const;

export const FIREWALL: readonly Change[] = [
  {
    ...common,
    name: "firewall-close",
    says: "a host without a firewall, whose containers publish 80, 443 and 5432, keeps SSH, 80 and 443",
    faults: ["kill", "cut", "dockerd", "reboot"],
    play: closed,
  },
  {
    ...common,
    name: "firewall-change",
    says: "another port is opened for one address, and one is closed",
    faults: ["kill", "cut", "dockerd", "reboot"],
    play: changed,
  },
  {
    ...common,
    name: "firewall-way-back",
    says: "rules that would lock us out; the next run declares the old ones again",
    faults: ["kill", "cut", "reboot"],
    play: lockingOut,
  },
  {
    ...common,
    name: "firewall-remove",
    says: "another port is opened; the next run declares no firewall any more",
    faults: ["kill", "cut", "reboot"],
    play: opened,
  },
  {
    ...common,
    name: "firewall-boot",
    machine: "bare",
    says: "a server with systemd, which loads the rules when it boots",
    faults: ["kill", "cut", "reboot"],
    play: keptAtBoot,
  },
];
