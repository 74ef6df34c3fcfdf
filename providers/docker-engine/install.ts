import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { linesOf } from "../../core/text.ts";
import type { HostName } from "../../core/words.ts";
import type { CommandResult, Host } from "../../hosts/index.ts";
import { calledBy, type Distribution, distributionOf, KNOWN_DISTRIBUTIONS, type OsRelease } from "./distribution.ts";
import type { DockerEngineInputs } from "./inputs.ts";
import { type From, finishInterrupted, fromWhere, installSteps, OTHER_KEY, type Step } from "./packages.ts";
import type { Root } from "./root.ts";
import { startDocker } from "./start.ts";
import type { Survey } from "./survey.ts";

/** From where Docker is installed on one host, decided before anything is changed. */
export interface Installation {
  readonly distribution: Distribution;
  readonly from: From;
}

export function planInstallation(inputs: DockerEngineInputs, { name }: Host, { release, repository }: Survey): Installation {
  const distribution = distributionOf(release);
  if (distribution === undefined) throw unknownSystem(name, release);
  const from = fromWhere(inputs, distribution, repository);
  const { own, manager, suite } = distribution;
  const lacks = from.source === "distribution" ? own.length === 0 : manager === "apt" && suite === undefined;
  if (lacks) throw noPackages(name, distribution, from);
  return { distribution, from };
}

/** Installs or upgrades Docker from packages and waits until it answers. */
export async function installDocker({ distribution, from }: Installation, host: Host, root: Root, about: Survey): Promise<void> {
  const steps = [...(about.interrupted ? [finishInterrupted] : []), ...installSteps(distribution, from)];
  for (const step of steps) await root.do(step, (ran) => failed(host, step, ran, { distribution, from }));
  await startDocker(host, root);
}

const unknownSystem = (host: HostName, release: OsRelease): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_INSTALL_FAILED",
    what: `Slipway cannot install Docker on ${calledBy(release)}`,
    host,
    evidence: [`it can on ${KNOWN_DISTRIBUTIONS}`],
    servesNow: NOTHING_TOUCHED,
    next: "install Docker Engine on the host by hand and start it, then run pulumi up again",
  });

const noPackages = (host: HostName, { called }: Distribution, { source }: From): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_INSTALL_FAILED",
    what: source === "distribution" ? `${called} has no Docker of its own` : `the codename of ${called} is unknown`,
    host,
    servesNow: NOTHING_TOUCHED,
    next: `set slipway:docker.source to ${source === "distribution" ? "docker" : "distribution"}, then run pulumi up again`,
  });

async function failed(host: Host, step: Step, ran: CommandResult, { distribution, from }: Installation): Promise<Error> {
  const servesNow = await serving(host);
  if (from.source === "docker" && ran.code === OTHER_KEY) return otherKey(host, ran, from, servesNow);
  return new SlipwayError({
    code: "DOCKER_INSTALL_FAILED",
    what: `Docker could not be installed: ${step.label} ended with code ${ran.code}`,
    host: host.name,
    evidence: complaintsOf(ran, distribution),
    servesNow,
    next: "fix what the evidence shows, then run pulumi up again; it continues from what it finds",
  });
}

const otherKey = (
  host: Host,
  { stdout }: CommandResult,
  { base, fingerprint }: Extract<From, { source: "docker" }>,
  servesNow: string,
): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_INSTALL_FAILED",
    what: `the repository ${base} is signed by a key that differs from the pinned one, and was not added`,
    host: host.name,
    evidence: [
      ...stdout
        .trim()
        .split("\n")
        .map((found) => `found:  ${found || "no key"}`),
      `pinned: ${fingerprint}`,
    ],
    servesNow,
    next: "find out why; for a mirror that signs with its own key, set slipway:docker.fingerprint",
  });

/** The errors that a package manager printed, or else its last lines. Only dnf keeps everything else out of stderr. */
function complaintsOf({ stdout, stderr }: CommandResult, { manager }: Distribution): string[] {
  const lines = linesOf(`${stdout}\n${stderr}`);
  const complaints =
    manager === "dnf" ? linesOf(stderr) : lines.filter((line) => /^(E:|Err:|Error|dpkg: error|curl:|gpg:)/.test(line));
  return (complaints.length > 0 ? complaints : lines).slice(-6);
}

async function serving(host: Host): Promise<string> {
  // Why Docker does not answer does not matter here.
  const version = await host.docker.version().catch(() => undefined);
  return version === undefined
    ? `nothing on ${host.name}: Docker does not answer`
    : `what served before, on Docker ${version.engine} on ${host.name}`;
}
