import { SlipwayError } from "../../core/error.ts";
import { DockerUnavailable, type Host } from "../../hosts/index.ts";
import { orUnreachable } from "../steps/finding.ts";
import type { DockerEngineInputs, FoundDocker, Settings } from "./inputs.ts";
import { planDocker } from "./plan.ts";
import { DAEMON_JSON, differing, isAskable, notInForce, only, parseSettings } from "./settings.ts";

/**
 * Throws when the host is unreachable. If no settings are declared, this is one call of Docker's API and runs nothing on the host.
 */
export async function observeDocker(wanted: DockerEngineInputs, host: Host): Promise<FoundDocker> {
  const reading = declaredSettings(wanted, host);
  // If Docker fails too, that error is the one to report.
  reading.catch(() => {});
  try {
    const { engine } = await host.docker.version();
    const found: FoundDocker = { kind: "present", version: engine, settings: await reading };
    if (!isAskable(wanted.settings) && planDocker(wanted, found).length === 0) return found;
    const info = await host.docker.info();
    const { running, containers, liveRestore, store, swarm } = info;
    const other = differing(wanted.settings, found.settings);
    const idle = notInForce(wanted.settings, info).filter((key) => !Object.hasOwn(other, key));
    return { ...found, running, containers, liveRestore, store, swarm, ...(idle.length === 0 ? {} : { idle }) };
  } catch (thrown) {
    if (!(thrown instanceof DockerUnavailable) || thrown.kind === "prohibited" || thrown.kind === "silent") throw thrown;
    return thrown.kind === "stopped" ? { kind: "stopped", settings: await reading } : { kind: thrown.kind };
  }
}

export const readDocker = (wanted: DockerEngineInputs, host: Host): Promise<FoundDocker> =>
  orUnreachable(host.name, () => observeDocker(wanted, host));

async function declaredSettings({ settings }: Pick<DockerEngineInputs, "settings">, host: Host): Promise<Settings> {
  if (Object.keys(settings).length === 0) return {};
  return only(settings, await readSettings(host, []));
}

/** $1 the file. A missing file counts as empty; a file that not even root can read is an error. */
const READ = `
folder=$(dirname -- "$1")
if [ -r "$1" ]; then exec cat -- "$1"; fi
if [ -e "$1" ] || { [ -e "$folder" ] && ! [ -x "$folder" ]; }; then
  exec sudo -n sh -c 'if [ -e "$1" ]; then exec cat -- "$1"; fi' slipway-settings "$1"
fi
`;

/** The contents of `daemon.json`. @param under prefix of the command: `sudo -n` */
export async function readSettings(host: Host, under: readonly string[]): Promise<Settings> {
  const { code, stdout, stderr } = await host.run([...under, "sh", "-c", READ, "slipway-settings", DAEMON_JSON]);
  if (code !== 0) throw unreadable(host, stderr);
  const settings = parseSettings(stdout);
  if (settings === undefined) throw notJson(host);
  return settings;
}

const unreadable = (host: Host, why: string): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_SETTINGS_FAILED",
    what: `${DAEMON_JSON} cannot be read by ${host.address.user}`,
    host: host.name,
    evidence: why.trim() === "" ? [] : [why.trim()],
    servesNow: `what served before; Docker's settings on ${host.name} are unknown`,
    next: `on the host, as root: chmod a+rx /etc/docker && chmod a+r ${DAEMON_JSON}`,
  });

const notJson = (host: Host): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_SETTINGS_FAILED",
    what: `${DAEMON_JSON} is not a JSON object`,
    host: host.name,
    servesNow: `what served before; ${DAEMON_JSON} was not changed`,
    next: `fix or remove it on the host, then run pulumi up again`,
  });
