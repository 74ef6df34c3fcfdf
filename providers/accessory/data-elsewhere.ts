import { posix } from "node:path";
import type { Mount } from "../../core/container/mount.ts";
import { SlipwayError } from "../../core/error.ts";
import { namesOwner } from "../../core/owner.ts";
import { asRoot, type Host, type Volume } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { claimOfContainer } from "./claim.ts";
import { LABEL } from "./container.ts";
import { ownerOf, whoseOf } from "./container-owner.ts";
import { volumesWithData } from "./data.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { volumesIn } from "./mounts.ts";

/** Data on the host that may be meant, though nothing declared sees it. */
interface DataElsewhere {
  /** `shop-db-var-lib-postgresql-data`, `/home/deploy/shop-db/data`. */
  readonly source: string;
  /** Where it would be in the container. */
  readonly target: string;
  readonly whose: string;
  /** Whether Kamal's accessory has it, and this one would if it had its name. */
  readonly ofKamal: boolean;
}

/** Where an accessory that has never run on this host would begin. */
interface Beginning {
  readonly inputs: AccessoryInputs;
  readonly mounts: readonly Mount[];
  /** Volumes that exist and are mounted. */
  readonly there: ReadonlySet<string>;
  readonly folder: string;
  readonly untouched: string;
}

/**
 * Refuses to begin with empty data while data that may be meant lies on the host: of an accessory of this stack, or of one that it
 * adopts, that is not declared any more (renamed), of Kamal's accessory of that name, or in the home of another SSH user. A server that
 * finds its folder empty initializes a new one without a word.
 */
export async function refuseToBeginEmpty(beginning: Beginning, host: Host, run: Run): Promise<void> {
  if (beginning.inputs.startEmpty === true) return;
  const found = await Promise.all([ofRenamed(beginning, host, run), ofKamal(beginning, host), inOtherHomes(beginning, host)]);
  const [first] = found.flat();
  if (first !== undefined) throw wouldBeginEmpty(beginning, first);
}

/** Volumes of accessories that this stack had, or one that it adopts: the same path in the container, under another name. */
async function ofRenamed({ inputs, mounts, there }: Beginning, host: Host, run: Run): Promise<DataElsewhere[]> {
  const begun = volumesIn(mounts).filter((name) => !there.has(name) && name.startsWith(`${inputs.container}-`));
  if (begun.length === 0) return [];
  const labelled = await host.docker.volumes({ [LABEL.accessory]: undefined });
  const own = labelled.filter(({ labels }) => namesOwner(labels, inputs));
  const alike = own.flatMap(({ name, labels }) => {
    const { [LABEL.service]: container = "" } = labels;
    const meant = begun.find((volume) => name === `${container}${volume.slice(inputs.container.length)}`);
    const target = mounts.find(({ source }) => source === meant)?.target;
    if (container === inputs.container || target === undefined) return [];
    return [{ source: name, target, whose: whoseIs(labels, inputs), ofKamal: false, container }];
  });
  const claims = alike.map(({ container }) => claimOfContainer(inputs.host, container));
  const declared = new Set((await run.declared(claims)).map(({ thing }) => thing));
  const left = alike.filter(({ container }) => !declared.has(claimOfContainer(inputs.host, container).thing));
  const full = await volumesWithData(
    left.map(({ source }) => source),
    host,
  );
  return left.filter(({ source }) => full.includes(source));
}

const whoseIs = (labels: Volume["labels"], { stack }: AccessoryInputs): string =>
  labels[LABEL.stack] === stack ? `the accessory ${labels[LABEL.accessory]} of this stack` : whoseOf(labels);

/** Kamal's names have no destination of ours in them. */
async function ofKamal({ inputs, mounts, there, folder }: Beginning, host: Host): Promise<DataElsewhere[]> {
  const { service, accessory, destination } = inputs;
  if (destination === undefined) return [];
  const container = `${service}-${accessory}`;
  const found = await host.docker.inspect(container);
  if (found === undefined || ownerOf({ ...inputs, container }, found.labels) !== "kamal") return [];
  const isBegun = ({ source }: Mount) => (posix.isAbsolute(source) ? source.startsWith(`${folder}/`) : !there.has(source));
  const begun = new Set(mounts.filter(isBegun).map(({ target }) => target));
  return found.mounts
    .filter(({ target }) => begun.has(target))
    .map(({ name, source, target }) => ({ source: name ?? source, target, whose: `Kamal's ${container}`, ofKamal: true }));
}

/** $1… folders below a home. Prints those that hold something, in whichever home. */
const FIND = `
for home in /root /home/*; do
  for folder do
    [ -d "$home/$folder" ] && [ -n "$(ls -A -- "$home/$folder" 2>/dev/null)" ] && printf '%s\\n' "$home/$folder"
  done
done
true
`;

async function inOtherHomes({ inputs, folder }: Beginning, host: Host): Promise<DataElsewhere[]> {
  const own = inputs.directories.filter(({ source }) => !posix.isAbsolute(source));
  if (own.length === 0) return [];
  const below = own.map(({ source }) => posix.join(inputs.container, source));
  const { stdout } = await host.run(asRoot(host.address, ["sh", "-c", FIND, "slipway-find", ...below]));
  const found = stdout.split("\n").filter((path) => path !== "" && !path.startsWith(`${folder}/`));
  return found.map((path) => {
    const directory = own.find(({ source }) => path.endsWith(`/${posix.join(inputs.container, source)}`));
    return { source: path, target: directory?.target ?? "", whose: "the home of another user", ofKamal: false };
  });
}

const wouldBeginEmpty = (
  { inputs, untouched }: Beginning,
  { source, target, whose, ofKamal: isKamals }: DataElsewhere,
): SlipwayError => {
  const { accessory, host } = inputs;
  const mount = `slipway:accessories.${accessory}.volumes: ["${source}:${target}"]`;
  return new SlipwayError({
    code: "ACCESSORY_DATA_AT_RISK",
    what: `${accessory} would start without data, and data that may be its own is on ${host.name}`,
    host: host.name,
    evidence: [`${source}: ${whose}`],
    servesNow: untouched,
    next: `${isKamals ? `to take it over from Kamal, name it as Kamal does: slipway:accessories.${accessory}.service: ${inputs.service}-${accessory}` : `to go on with it, mount it: ${mount}`}; to begin without it: slipway:accessories.${accessory}.start_empty: true`,
  });
};
