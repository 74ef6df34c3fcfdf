import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import type { CommandResult, Host } from "../../hosts/index.ts";
import type { DockerEngineInputs, Settings } from "./inputs.ts";
import { readSettings } from "./observe.ts";
import type { DockerOperation } from "./plan.ts";
import type { Root } from "./root.ts";
import { DAEMON_JSON, firstSettings, merged, settingsText } from "./settings.ts";
import { lastLogLines, startsInTime } from "./start.ts";

type Setting = Extract<DockerOperation, { do: "set" }>;

/** In the same folder, so that the rename is atomic; Docker does not read this name. */
const DRAFT = "/etc/docker/.slipway-daemon.json";
const VALIDATE_TIMEOUT: Seconds = 30;
const RELOAD_TIMEOUT: Seconds = 15;
const RESTART_TIMEOUT: Seconds = 120;

/** Writes the declared keys into `daemon.json`, keeps all others, and makes Docker use them. */
export async function configureDocker(
  { by, settings }: Setting,
  declared: DockerEngineInputs,
  host: Host,
  root: Root,
): Promise<void> {
  const before = await readSettings(host, root.under);
  const after = by === "install" ? firstSettings(merged(before, declared.settings)) : merged(before, settings);
  await root.run(["mkdir", "-p", "-m", "0755", "/etc/docker"]);
  await writeDraft(after, host, root);
  if (by !== "install") await requireValid(host, root);
  requireSuccess(host, await root.run(MOVE));
  if (by === "reload" || (by === "restart" && after["live-restore"] === true)) await reload(after, host, root);
  if (by === "restart") await restart(before, host, root);
}

const MOVE = ["mv", "-f", "--", DRAFT, DAEMON_JSON];

/** The mode and owner of the file that is there: it may hold the password of a proxy, and be for root alone. */
const AS_BEFORE = `if [ -e "$2" ]; then chmod -- "$(stat -c %a -- "$2")" "$1" && chown -- "$(stat -c %u:%g -- "$2")" "$1"
else chmod 0644 -- "$1"; fi`;

async function writeDraft(settings: Settings, host: Host, root: Root): Promise<void> {
  await root.write(DRAFT, settingsText(settings), 0o600);
  requireSuccess(host, await root.run(["sh", "-c", AS_BEFORE, "slipway-docker", DRAFT, DAEMON_JSON]));
}

/** Docker 23 and later can validate a file; older versions do not know the option. */
async function requireValid(host: Host, root: Root): Promise<void> {
  const ran = await root.run(["dockerd", "--validate", "--config-file", DRAFT], VALIDATE_TIMEOUT);
  if (ran.code === 0 || /unknown flag: --validate/.test(ran.stderr)) return;
  requireSuccess(host, await root.run(["rm", "-f", "--", DRAFT]));
  throw refused(host, [ran.stderr.replaceAll(DRAFT, DAEMON_JSON).trim()], NOTHING_TOUCHED);
}

/**
 * Docker reloads some time after systemctl has ended; live-restore is what it shows of that, on or off. Also before a restart: once
 * live-restore is in force, the restart leaves the containers running.
 */
async function reload(after: Settings, host: Host, root: Root): Promise<void> {
  requireSuccess(host, await root.run(["systemctl", "reload", "docker"]));
  const wanted = after["live-restore"];
  if (typeof wanted !== "boolean") return;
  const inForce = async () => ((await host.docker.info()).liveRestore === wanted ? true : undefined);
  const late = `live-restore: ${wanted} did not come into force within ${RELOAD_TIMEOUT} s`;
  await Deadline.in(RELOAD_TIMEOUT).until(inForce, () => refused(host, [late], `what served before on ${host.name}`));
}

/** If Docker does not start again, it gets its old settings back, once. */
async function restart(before: Settings, host: Host, root: Root): Promise<void> {
  const { code } = await root.run(["systemctl", "restart", "docker"], RESTART_TIMEOUT);
  if (code === 0 && (await startsInTime(host))) return;
  const log = await lastLogLines(root);
  await writeDraft(before, host, root);
  requireSuccess(host, await root.run(MOVE));
  // systemd refuses a unit that failed several times in a row.
  await root.run(["systemctl", "reset-failed", "docker"]);
  await root.run(["systemctl", "restart", "docker"], RESTART_TIMEOUT);
  const back = await startsInTime(host);
  throw refused(
    host,
    log,
    back
      ? `what served before on ${host.name}, on Docker with its old settings`
      : `nothing on ${host.name}: its Docker does not start`,
  );
}

function requireSuccess(host: Host, { code, stderr }: CommandResult): void {
  if (code === 0) return;
  throw new SlipwayError({
    code: "DOCKER_SETTINGS_FAILED",
    what: "Docker's settings could not be changed",
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: `what served before on ${host.name}`,
    next: "fix what the evidence shows, then run pulumi up again",
  });
}

const refused = (host: Host, evidence: readonly string[], servesNow: string): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_SETTINGS_FAILED",
    what: "Docker does not accept these settings",
    host: host.name,
    evidence,
    servesNow,
    next: "fix slipway:docker.settings, then run pulumi up again",
  });
