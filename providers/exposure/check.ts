import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseOpening } from "../../core/opening.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { ExposureInputs } from "./inputs.ts";
import { isPrivate, knock, openDoors } from "./knock.ts";
import { ownerOf, type Published, publishedOn } from "./owner.ts";
import { DANGEROUS } from "./ports.ts";

/** What is tried on one host. */
interface Suspect {
  readonly host: Host;
  readonly published: readonly Published[];
  readonly ports: readonly number[];
}

/**
 * Tries from this machine what should not be open: what containers publish, and the ports of databases and of Docker. An open one that
 * nobody declared is an error.
 */
export async function checkExposure({ hosts, declared }: ExposureInputs, run: Run): Promise<void> {
  run.report.status("trying ports from outside");
  const all = Object.values(hosts).map((address) => run.hosts.at(address));
  const reached = await Promise.all(all.map(async (host) => ((await isInReach(host, run)) ? [host] : [])));
  const suspects = await Promise.all(reached.flat().map((host) => suspect(host, declared[host.name] ?? [])));
  const doors = suspects.flatMap(({ host, published, ports }) =>
    ports.map((port) => ({ host, published, port, address: host.address.address })),
  );
  const open = await openDoors(doors);
  if (open.length > 0) throw await exposed(open);
  const tried = suspects.map(({ host, ports }) => `${host.name}: ${ports.length}`).join(", ");
  if (doors.length > 0) run.report.say(`nothing but what is declared can be reached (ports tried: ${tried})`);
}

/** A host behind a jump host cannot be tried from here, and one with a private address says little about the outside. */
async function isInReach({ name, address }: Host, { report }: Run): Promise<boolean> {
  if (!(await knock(address.address, address.port))) {
    report.warn(`${name}: no port was tried, this machine reaches it only through others`);
    return false;
  }
  if (await isPrivate(address.address))
    report.say(`${name}: ports are tried over its private address ${address.address}, not from the internet`);
  return true;
}

async function suspect(host: Host, declared: readonly string[]): Promise<Suspect> {
  const published = await publishedOn(host);
  const wanted = declared.map(parseOpening).filter(({ protocol }) => protocol === "tcp");
  const allowed = new Set([host.address.port, ...wanted.map(({ port }) => port)]);
  const candidates = new Set([...published.map(({ port }) => port), ...Object.keys(DANGEROUS).map(Number)]);
  return { host, published, ports: [...candidates].filter((port) => !allowed.has(port)) };
}

async function exposed(open: readonly { host: Host; published: readonly Published[]; port: number }[]): Promise<SlipwayError> {
  const lines = await Promise.all(
    open.map(async ({ host, published, port }) => {
      const owner = await ownerOf(host, port, published).catch((thrown: unknown) => `owner unknown: ${messageOf(thrown)}`);
      return `${host.name} port ${port}${DANGEROUS[port] === undefined ? "" : ` (${DANGEROUS[port]})`}: ${owner}`;
    }),
  );
  const [first] = open;
  const ports = new Set(open.map(({ port }) => port));
  return new SlipwayError({
    what:
      open.length === 1
        ? `port ${first?.port} can be reached from outside, and nobody declared it`
        : `${open.length} ports can be reached from outside, and nobody declared them`,
    ...(open.every(({ host }) => host === first?.host) && first !== undefined ? { host: first.host.name } : {}),
    evidence: lines.sort(),
    servesNow: "the release, as it should; this check comes after it and changes nothing",
    next: `publish ${ports.size === 1 ? "it" : "them"} on 127.0.0.1, or write ${[...ports].map((port) => `{port: ${port}}`).join(", ")} into slipway:firewall.allow, then run pulumi up again`,
  });
}
