import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseOpening } from "../../core/opening.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { ExposureInputs } from "./inputs.ts";
import { isPrivate, knock, openPorts } from "./knock.ts";
import { ownerOf, type Published, publishedOn } from "./owner.ts";
import { DANGEROUS } from "./ports.ts";

/** The ports to try on one host. */
interface Candidates {
  readonly host: Host;
  readonly published: readonly Published[];
  readonly ports: readonly number[];
}

/**
 * Tries from this machine the ports that should be closed: those that containers publish, and those of databases and of Docker. An open
 * port that is not declared is an error.
 */
export async function checkExposure({ hosts, declared }: ExposureInputs, run: Run): Promise<void> {
  run.report.status("try ports from outside");
  const all = Object.values(hosts).map((address) => run.hosts.at(address));
  const reached = await Promise.all(all.map(async (host) => ((await isInReach(host, run)) ? [host] : [])));
  const candidates = await Promise.all(reached.flat().map((host) => candidatesOn(host, declared[host.name] ?? [])));
  const targets = candidates.flatMap(({ host, published, ports }) =>
    ports.map((port) => ({ host, published, port, address: host.address.address })),
  );
  const open = await openPorts(targets);
  if (open.length > 0) throw await exposed(open);
  const tried = candidates.map(({ host, ports }) => `${host.name}: ${ports.length}`).join(", ");
  if (targets.length > 0) run.report.say(`only declared ports are reachable (ports tried: ${tried})`);
}

/** A host behind a jump host cannot be tried from here; a private address says little about the internet. */
async function isInReach({ name, address }: Host, { report }: Run): Promise<boolean> {
  if (!(await knock(address.address, address.port))) {
    report.warn(`${name}: no ports were tried: this machine reaches it only through a jump host`);
    return false;
  }
  if (await isPrivate(address.address))
    report.say(`${name}: ports were tried over its private address ${address.address}, not from the internet`);
  return true;
}

async function candidatesOn(host: Host, declared: readonly string[]): Promise<Candidates> {
  const published = await publishedOn(host);
  const wanted = declared.map(parseOpening).filter(({ protocol }) => protocol === "tcp");
  const allowed = new Set([host.address.port, ...wanted.map(({ port }) => port)]);
  const all = new Set([...published.map(({ port }) => port), ...Object.keys(DANGEROUS).map(Number)]);
  return { host, published, ports: [...all].filter((port) => !allowed.has(port)) };
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
    code: "PORT_EXPOSED",
    what:
      open.length === 1
        ? `port ${first?.port} is reachable from outside and not declared`
        : `${open.length} ports are reachable from outside and not declared`,
    ...(open.every(({ host }) => host === first?.host) && first !== undefined ? { host: first.host.name } : {}),
    evidence: lines.sort(),
    servesNow: "the release, as declared; this check runs after it and changes nothing",
    next: `publish ${ports.size === 1 ? "it" : "them"} on 127.0.0.1, or add ${[...ports].map((port) => `{port: ${port}}`).join(", ")} to slipway:firewall.allow, then run pulumi up again`,
  });
}
