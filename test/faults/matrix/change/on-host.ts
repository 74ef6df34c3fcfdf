import type { LabHost } from "../../../../lab/host.ts";

/** A container that must be there. */
export interface WantedContainer {
  readonly running: boolean;
  /** Name of the restart policy. */
  readonly restart?: string;
  /** An entry of its environment. */
  readonly env?: string;
  readonly label?: readonly [name: string, value: string];
}

/** All that must be on a host, and nothing else. */
export interface WantedDocker {
  readonly containers: Readonly<Record<string, WantedContainer>>;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  /** Digests of those that may be there though nothing uses them. */
  readonly images?: readonly string[];
}

const BUILT_IN: ReadonlySet<string> = new Set(["bridge", "host", "none"]);
/** Its images belong to the hosts of the lab. */
const PROXY = "kamal-proxy";

/** What Docker has that is not wanted, or lacks, in words. */
export async function dockerProblems({ docker }: LabHost, wanted: WantedDocker): Promise<string[]> {
  const [listed, images, { Volumes }, networks] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listImages(),
    docker.listVolumes(),
    docker.listNetworks(),
  ]);
  // After a full disk Docker's list is out of date; what it says of the container itself is not.
  const containers = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  const found = new Map(containers.map((one) => [one.Name.slice(1), one]));
  const ofContainers = Object.entries(wanted.containers).flatMap(([name, { running, restart, env, label }]) => {
    const one = found.get(name);
    if (one === undefined) return [`${name} is missing`];
    const policy = one.HostConfig.RestartPolicy?.Name;
    return [
      ...(one.State.Running === running ? [] : [`${name} is ${one.State.Status}`]),
      ...(restart === undefined || policy === restart ? [] : [`${name}: restart policy ${policy}, not ${restart}`]),
      ...(env === undefined || one.Config.Env.includes(env) ? [] : [`${name} is without ${env}`]),
      ...(label === undefined || one.Config.Labels[label[0]] === label[1]
        ? []
        : [`${name}: ${label[0]} is ${one.Config.Labels[label[0]]}, not ${label[1]}`]),
    ];
  });
  const used = new Set(containers.map(({ Image }) => Image));
  const known = wanted.images ?? [];
  const isKnown = (name: string) => name.includes(PROXY) || known.some((digest) => name.endsWith(digest));
  const unused = images.filter(
    ({ Id, RepoTags, RepoDigests }) => !used.has(Id) && ![...(RepoTags ?? []), ...(RepoDigests ?? [])].some(isKnown),
  );
  const left = [
    ...[...found.keys()].filter((name) => wanted.containers[name] === undefined).map((name) => `container ${name}`),
    ...unused.map(({ Id, RepoDigests }) => `image ${RepoDigests?.[0] ?? Id}`),
  ];
  return [
    ...ofContainers,
    ...left.map((what) => `left over: ${what}`),
    ...namesProblems(
      "volumes",
      wanted.volumes ?? [],
      Volumes.map(({ Name }) => Name),
    ),
    ...namesProblems(
      "networks",
      wanted.networks ?? [],
      networks.map(({ Name }) => Name).filter((name) => !BUILT_IN.has(name)),
    ),
  ].map((problem) => `fr-1: ${problem}`);
}

function namesProblems(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const [want, have] = [[...wanted].sort().join(" "), [...found].sort().join(" ")];
  return want === have ? [] : [`${what} are [${have}], not [${want}]`];
}

/** What a script prints, or why it printed nothing: a finding either way. */
export async function said(host: LabHost, script: string): Promise<string> {
  const { code, stdout, stderr } = await host.sh(script);
  return code === 0 ? stdout.trim() : `exit code ${code}: ${stderr.trim()}`;
}

/** @example unlike("the row", "kept", await said(host, "cat …")) */
export const unlike = (what: string, wanted: string, found: string): string[] =>
  found === wanted ? [] : [`fr-1: ${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
