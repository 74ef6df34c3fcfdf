import { posix } from "node:path";
import { parseReference, pinned } from "../../core/image-reference.ts";
import { canonical } from "../../core/values.ts";
import type { Container, Image } from "../../hosts/index.ts";
import { environmentOf } from "./container.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { networkOf } from "./plan.ts";

/**
 * Whether a container that Kamal started is what is declared, so that it is adopted as it runs: a database is not restarted for its
 * labels. Where that cannot be seen from outside, as with the content of files, it is not.
 */
export function runsAsDeclared(inputs: AccessoryInputs, container: Container, image: Image | undefined, folder: string): boolean {
  if (image === undefined || inputs.files.length > 0 || !isPlain(inputs)) return false;
  return [
    plainName(container.image) === plainName(inputs.image),
    canonical(container.command) === canonical(inputs.command ?? image.command),
    canonical(environment(withoutKamals(container.env, inputs), image)) ===
      canonical(environment(declaredEnv(inputs, image), image)),
    canonical(ports(container)) === canonical(declaredPorts(inputs)),
    container.networkMode === networkOf(inputs),
    (inputs.options.networks ?? []).every((network) => network in container.addresses),
    canonical(container.logConfig) === canonical({ type: inputs.logging.driver, options: inputs.logging.options }),
    hasMounts(inputs, container, image, folder),
    Object.entries(inputs.labels).every(([label, value]) => container.labels[label] === value),
  ].every(Boolean);
}

/** Options that change a running container are corrected without a restart; of all others only the defaults can be recognized. */
function isPlain({ options }: AccessoryInputs): boolean {
  const { restart: _restart, memory: _memory, cpus: _cpus, memorySwap: _swap, networks: _networks, ...fixed } = options;
  const isDefault = (value: unknown) =>
    value === undefined || value === false || (typeof value === "object" && Object.keys(value ?? {}).length === 0);
  return Object.values(fixed).every(isDefault);
}

const plainName = (image: string): string => {
  const { registry, repository, tag = "latest", digest } = parseReference(image);
  const name = `${registry}/${repository}:${tag}`;
  return digest === undefined ? name : pinned(parseReference(name), digest);
};

/** Kamal puts the host's address into each accessory, undeclared. */
const KAMALS = "KAMAL_HOST";

const withoutKamals = (entries: readonly string[], inputs: AccessoryInputs): readonly string[] =>
  KAMALS in environmentOf(inputs) ? entries : entries.filter((entry) => !entry.startsWith(`${KAMALS}=`));

/** What the image sets is left out where it is unchanged. */
const environment = (entries: readonly string[], { env }: Image): string[] => {
  const own = new Set(env);
  return entries.filter((entry) => !own.has(entry)).sort();
};

const declaredEnv = (inputs: AccessoryInputs, { env }: Image): string[] => {
  const declared = environmentOf(inputs);
  const inherited = env.filter((entry) => !((entry.split("=", 1)[0] ?? "") in declared));
  return [...inherited, ...Object.entries(declared).map(([name, value]) => `${name}=${value}`)];
};

/** Docker lists an address of IPv6 beside each port that is open on all addresses. */
const ports = (container: Container): string[] =>
  container.ports
    .filter(({ hostIp }) => hostIp !== "::")
    .map(({ hostIp, hostPort, container: inside, protocol }) => `${hostIp || "0.0.0.0"}:${hostPort}:${inside}/${protocol}`)
    .sort();

const declaredPorts = ({ publish }: AccessoryInputs): string[] =>
  publish.map(({ ip, hostPort, containerPort, protocol }) => `${ip}:${hostPort}:${containerPort}/${protocol}`).sort();

/** Each declared mount is there, and each other one is the image's own volume, whose data would stay where it is anyway. */
function hasMounts(inputs: AccessoryInputs, { mounts }: Container, image: Image, folder: string): boolean {
  const folders = inputs.directories.map(({ source, target, mode, owner, readOnly = false, relabel }) => ({
    source: posix.isAbsolute(source) ? source : posix.join(folder, source),
    target,
    readOnly,
    isSeen: mode === undefined && owner === undefined && relabel === undefined,
  }));
  const declared = [...inputs.mounts.map((mount) => ({ ...mount, isSeen: mount.relabel === undefined })), ...folders];
  const own = new Set(image.volumes.map((path) => posix.normalize(path)));
  const there = (wanted: (typeof declared)[number]) =>
    wanted.isSeen &&
    mounts.some(
      ({ name, source, target, readOnly }) =>
        (name ?? source) === wanted.source && target === wanted.target && readOnly === wanted.readOnly,
    );
  const targets = new Set(declared.map(({ target }) => target));
  return declared.every(there) && mounts.every(({ target }) => targets.has(target) || own.has(posix.normalize(target)));
}
