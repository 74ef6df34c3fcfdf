import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import type { CommandResult, Host } from "../../hosts/index.ts";
import type { DockerEngineInputs, Settings } from "./inputs.ts";
import { readSettings } from "./observe.ts";
import type { DockerOperation } from "./plan.ts";
import type { Root } from "./root.ts";
import { DAEMON_JSON, firstSettings, merged, settingsText } from "./settings.ts";
import { comesUp, lastWords } from "./start.ts";

type Setting = Extract<DockerOperation, { do: "set" }>;

/** Beside the file, so that the rename is one step; Docker reads only its own name. */
const DRAFT = "/etc/docker/.slipway-daemon.json";
const EXAMINE: Seconds = 30;
const RELOAD: Seconds = 15;
const RESTART: Seconds = 120;

/** Brings the declared keys into `daemon.json`, leaves all others, and has Docker take them over. */
export async function configureDocker(
  { by, settings }: Setting,
  declared: DockerEngineInputs,
  host: Host,
  root: Root,
): Promise<void> {
  const before = await readSettings(host, root.under);
  const after = by === "install" ? firstSettings(merged(before, declared.settings)) : merged(before, settings);
  await root.run(["mkdir", "-p", "-m", "0755", "/etc/docker"]);
  await root.write(DRAFT, settingsText(after));
  if (by !== "install") await requireValid(host, root);
  requireFine(host, await root.run(["mv", "-f", "--", DRAFT, DAEMON_JSON]));
  if (by === "reload" || (by === "restart" && after["live-restore"] === true)) await reload(after, host, root);
  if (by === "restart") await restart(before, host, root);
}

/** Docker from 23 on looks at a file without taking it; an older one does not know how to. */
async function requireValid(host: Host, root: Root): Promise<void> {
  const ran = await root.run(["dockerd", "--validate", "--config-file", DRAFT], EXAMINE);
  if (ran.code === 0 || /unknown flag: --validate/.test(ran.stderr)) return;
  requireFine(host, await root.run(["rm", "-f", "--", DRAFT]));
  throw refused(host, [ran.stderr.replaceAll(DRAFT, DAEMON_JSON).trim()], NOTHING_TOUCHED);
}

/** Before a restart, too: with live-restore in force, that leaves the containers running. */
async function reload(after: Settings, host: Host, root: Root): Promise<void> {
  requireFine(host, await root.run(["systemctl", "reload", "docker"]));
  if (after["live-restore"] !== true) return;
  const inForce = async () => ((await host.docker.info()).liveRestore ? true : undefined);
  await Deadline.in(RELOAD).until(inForce, () =>
    refused(host, [`live-restore did not come into force within ${RELOAD} s`], `what served before on ${host.name}`),
  );
}

/** A Docker that does not come back gets its old settings, once. */
async function restart(before: Settings, host: Host, root: Root): Promise<void> {
  const { code } = await root.run(["systemctl", "restart", "docker"], RESTART);
  if (code === 0 && (await comesUp(host))) return;
  const words = await lastWords(root);
  await root.write(DAEMON_JSON, settingsText(before));
  // systemd refuses a unit that failed several times in a row.
  await root.run(["systemctl", "reset-failed", "docker"]);
  await root.run(["systemctl", "restart", "docker"], RESTART);
  const back = await comesUp(host);
  throw refused(
    host,
    words,
    back
      ? `what served before on ${host.name}, on Docker with its old settings`
      : `nothing on ${host.name}: its Docker does not start`,
  );
}

function requireFine(host: Host, { code, stderr }: CommandResult): void {
  if (code === 0) return;
  throw new SlipwayError({
    what: "Docker's settings could not be changed",
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: `what served before on ${host.name}`,
    next: "put right what the evidence shows, then run pulumi up again",
  });
}

const refused = (host: Host, evidence: readonly string[], servesNow: string): SlipwayError =>
  new SlipwayError({
    what: "Docker does not take these settings",
    host: host.name,
    evidence,
    servesNow,
    next: "correct slipway:docker.settings, then run pulumi up again",
  });
