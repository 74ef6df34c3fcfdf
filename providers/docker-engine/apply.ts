import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { isReady, waitUntilReady } from "../steps/wait-until-ready.ts";
import { configureDocker } from "./configure.ts";
import { PLANNED } from "./events.ts";
import type { DockerEngineInputs, FoundDocker } from "./inputs.ts";
import { type Installation, installDocker, planInstallation } from "./install.ts";
import { observeDocker } from "./observe.ts";
import { repositoryBase } from "./packages.ts";
import { type DockerOperation, describeDocker, planDocker, REFUSED } from "./plan.ts";
import { requireRoot } from "./rights.ts";
import { Root } from "./root.ts";
import { startDocker } from "./start.ts";
import { type Survey, survey } from "./survey.ts";

/** Members may use Docker; every package of Docker creates this group. */
const GROUP = "docker";
/** Missing, then forbidden, then other settings. If something is still left to do after these rounds, something keeps reverting it. */
const MAX_ROUNDS = 4;

/** Waits for the machine and brings its Docker to what is declared. If the machine reboots in between, waits again. */
export async function convergeDocker(inputs: DockerEngineInputs, patience: Seconds, run: Run): Promise<FoundDocker> {
  const host = run.hosts.at(inputs.host);
  const deadline = Deadline.in(patience);
  for (;;) {
    if (patience > 0) await waitUntilReady(host, deadline, run.report);
    try {
      return await settle(inputs, host, run);
    } catch (thrown) {
      if (deadline.passed) throw thrown;
      // A machine that shuts down kills our commands before it closes the connection.
      if (!(thrown instanceof ConnectionLost) && (await isReady(host))) throw thrown;
    }
  }
}

async function settle(inputs: DockerEngineInputs, host: Host, run: Run): Promise<FoundDocker> {
  for (let round = 0; ; round += 1) {
    const found = await observeDocker(inputs, host);
    const operations = planDocker(inputs, found);
    if (operations.length === 0) return found;
    const isStuck = round > 0 && operations.every((operation) => operation.do === "set" && operation.isThere);
    if (isStuck || round === MAX_ROUNDS) throw unsettled(host, operations, inputs);
    const admitted = await withLeases([host], run, () => change(inputs, host, run));
    // A connection has the groups that the user had when it was opened.
    if (admitted) await host.renew();
  }
}

/** @returns whether our user was added to a group */
async function change(inputs: DockerEngineInputs, host: Host, run: Run): Promise<boolean> {
  const operations = planDocker(inputs, await observeDocker(inputs, host));
  PLANNED.publish({ host: host.name, operations });
  if (operations.some((operation) => operation.do === "give up")) throw missing(host);
  for (const operation of operations) if (operation.do === "refuse") throw impossible(operation, host);
  const about = await survey(host, `${repositoryBase(inputs)}/linux/`);
  const installation = operations.some(isInstallation) ? planInstallation(inputs, host, about) : undefined;
  const root = new Root(host, requireRoot(inputs, operations, about), run.report);
  for (const operation of operations) {
    run.report.status(describeDocker(operation, inputs));
    await perform(operation, inputs, host, root, about, installation);
  }
  return operations.some((operation) => operation.do === "admit");
}

const isInstallation = (operation: DockerOperation): boolean => operation.do === "install" || operation.do === "upgrade";

async function perform(
  operation: DockerOperation,
  inputs: DockerEngineInputs,
  host: Host,
  root: Root,
  about: Survey,
  installation: Installation | undefined,
): Promise<void> {
  switch (operation.do) {
    case "give up":
    case "refuse":
      return;
    case "set":
      return configureDocker(operation, inputs, host, root);
    case "install":
    case "upgrade":
      return installation && installDocker(installation, host, root, about);
    case "start":
      return startDocker(host, root);
    case "admit":
      return admit(operation.user, host, root, about);
  }
}

async function admit(user: string, host: Host, root: Root, { groups }: Survey): Promise<void> {
  if (groups.includes(GROUP)) return;
  const { code, stderr } = await root.run(["usermod", "--append", "--groups", GROUP, user]);
  if (code === 0) return;
  throw new SlipwayError({
    code: "DOCKER_UNAVAILABLE",
    what: `${user} could not be added to the group ${GROUP}`,
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: `what served before on ${host.name}`,
    next: `on the host: sudo usermod -aG ${GROUP} ${user}`,
  });
}

const missing = (host: Host): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_UNAVAILABLE",
    what: "Docker is not installed",
    host: host.name,
    servesNow: NOTHING_TOUCHED,
    next: "install Docker Engine on the host (https://docs.docker.com/engine/install/), or set slipway:docker.install to true",
  });

const NEXT = {
  store:
    "keep Docker's store: remove features.containerd-snapshotter from slipway:docker.settings; a host changes its store while it has no container (backup, pulumi destroy, remove the others by hand, pulumi up)",
  swarm: "set live-restore: false in slipway:docker.settings, or leave the Swarm (docker swarm leave)",
} as const;

const impossible = ({ because, containers }: Extract<DockerOperation, { do: "refuse" }>, host: Host): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_SETTINGS_FAILED",
    what: REFUSED[because](containers),
    host: host.name,
    servesNow: NOTHING_TOUCHED,
    next: NEXT[because],
  });

const unsettled = (host: Host, operations: readonly DockerOperation[], inputs: DockerEngineInputs): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_NOT_CONVERGED",
    what: "Docker still differs from what is declared after every step succeeded",
    host: host.name,
    evidence: operations.map((operation) => `still to do: ${describeDocker(operation, inputs)}`),
    servesNow: `what served before on ${host.name}`,
    next: "find out on the host what reverts it: systemctl status docker; journalctl -u docker",
  });
