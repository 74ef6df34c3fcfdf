import { z } from "zod";
import { parseJson } from "../../../../core/text.ts";
import type { Bytes } from "../../../../core/words.ts";
import { Operator } from "../../../../lab/reach.ts";
import { DockerEngineInputs } from "../../../../providers/docker-engine/inputs.ts";
import { DROP_IN, DROP_IN_TEXT } from "../../../../providers/hardening/drop-in.ts";
import { HardeningInputs } from "../../../../providers/hardening/inputs.ts";
import { SetupInputs } from "../../../../providers/setup/inputs.ts";
import type { Change, Play, Scene } from "./change.ts";
import { said, unlike } from "./on-host.ts";

const DISK: Bytes = 512 * 1024 ** 2;
const USER = "ship";
const ARMED = "ls -d /run/slipway-sshd/armed.* 2>/dev/null | wc -l";
const ANYTHING = `rm -rf ${DROP_IN} ${DROP_IN}.new /etc/sudoers.d/90-slipway-${USER} /run/slipway-sshd; userdel -rf ${USER} 2>/dev/null; host-service ssh reload`;
const SUDOERS =
  "ls -A /etc/sudoers.d | grep slipway | tr '\\n' ' '; ls /etc/ssh/sshd_config.d | grep slipway | tr '\\n' ' '; true";

/** Whether that user gets in with the lab's key, and with sudo if it is not root. */
async function logsIn({ lab, host }: Scene, user: string): Promise<string> {
  const operator = new Operator(lab);
  try {
    const { code } = await operator.reach(host, { user }).run(user === "root" ? ["true"] : ["sudo", "-n", "true"]);
    return code === 0 ? "in" : `code ${code}`;
  } catch {
    return "out";
  } finally {
    await operator.close();
  }
}

async function hardened(scene: Scene): Promise<Play> {
  const { host, address } = scene;
  const after = HardeningInputs.parse({ schema: 1, host: address, user: USER, patience: 0, status: "key only, no root login" });
  return {
    before: undefined,
    attempt: after,
    after,
    lay: async () => {},
    // Its removal leaves the host hardened.
    clear: async () => void (await host.must(ANYTHING)),
    problems: async (when) => [
      ...unlike("the number of countdowns", "0", await said(host, ARMED)),
      ...unlike("the login of root", when === "after" ? "out" : "in", await logsIn(scene, "root")),
      ...(when === "after"
        ? [
            ...unlike(`the login of ${USER}`, "in", await logsIn(scene, USER)),
            ...unlike(DROP_IN, DROP_IN_TEXT.trim(), await said(host, `cat ${DROP_IN}`)),
            ...unlike("what is ours", `90-slipway-${USER} 10-slipway.conf`, await said(host, SUDOERS)),
          ]
        : unlike("what is ours", "", await said(host, SUDOERS))),
    ],
  };
}

const Settings = z.record(z.string(), z.unknown());
const OUTLIVES = `docker inspect outlives >/dev/null 2>&1 || docker run -d --restart unless-stopped --name outlives basecamp/kamal-proxy:v0.9.2 >/dev/null`;
const IN_FORCE = "docker info -f '{{.LiveRestoreEnabled}}'; docker inspect -f '{{.State.Running}}' outlives";

async function configured({ host, address }: Scene): Promise<Play> {
  const inputs = (settings: object) =>
    DockerEngineInputs.parse({ schema: 1, patience: 0, install: true, settings, status: "running", host: address });
  // A key that is no longer declared stays, so both have all of them.
  const first = { "live-restore": true, "max-concurrent-downloads": 3, "log-level": "info" };
  const second = { ...first, "max-concurrent-downloads": 5, "log-level": "warn" };
  const after = inputs(second);
  return {
    before: inputs(first),
    attempt: after,
    after,
    lay: async () => {},
    clear: async () => {
      await host.ready();
      await host.ensureProxyImages();
      await host.must(OUTLIVES);
    },
    problems: async (when) => {
      const settings = Settings.safeParse(parseJson(await said(host, "cat /etc/docker/daemon.json"))).data ?? {};
      const missing = Object.entries(when === "after" ? second : first).filter(([key, value]) => settings[key] !== value);
      return [
        ...missing.map(([key]) => `fr-1: ${key} is not in daemon.json`),
        ...unlike("a draft of daemon.json", "none", await said(host, "ls /etc/docker/.slipway* 2>/dev/null || echo none")),
        ...unlike("live-restore and a container", "true\ntrue", await said(host, IN_FORCE)),
      ];
    },
  };
}

const COMMANDS = [
  "exec 9>/run/setup.lock",
  "flock -n 9 || echo twice >>/root/overlap",
  "echo begun >>/root/setup",
  "sleep 0.5",
  "echo done >>/root/setup",
];

async function setUp({ host, address }: Scene): Promise<Play> {
  const after = SetupInputs.parse({ schema: 1, host: address, role: "web", commands: COMMANDS });
  return {
    before: undefined,
    attempt: after,
    after,
    lay: async () => {},
    clear: async () => void (await host.must("rm -f /root/setup /root/overlap")),
    problems: async (when) =>
      when === "before"
        ? []
        : [
            ...unlike("the end of the setup", "done", await said(host, "tail -n 1 /root/setup")),
            ...unlike("runs at the same time", "none", await said(host, "cat /root/overlap 2>/dev/null || echo none")),
          ],
  };
}

export const SERVER: readonly Change[] = [
  {
    name: "hardening",
    says: "a new server is closed for root and passwords; another user logs in by key",
    faults: ["kill", "cut", "reboot"],
    provider: "hardening",
    machine: "bare",
    play: hardened,
  },
  {
    name: "docker-settings",
    says: "other settings for a Docker with a container and live-restore",
    faults: ["kill", "cut", "reboot"],
    provider: "docker-engine",
    machine: "bare",
    play: configured,
  },
  {
    name: "setup",
    says: "a user's own commands, which must not run twice at the same time",
    faults: ["kill", "cut", "reboot"],
    provider: "setup",
    machine: { disk: DISK },
    play: setUp,
  },
];
