import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseOpening } from "../../core/opening.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { addressesOf } from "./addresses.ts";
import type { ExposureInputs } from "./inputs.ts";
import { type Answer, knockAll, type Target } from "./knock.ts";
import { ownerOf, type Published, publishedOn } from "./owner.ts";
import { DANGEROUS } from "./ports.ts";

/** The ports to try on one host. */
interface Candidates {
  readonly host: Host;
  readonly addresses: readonly string[];
  readonly published: readonly Published[];
  readonly ports: readonly number[];
}

interface Try extends Target, Pick<Candidates, "host" | "published"> {}

/**
 * Tries from this machine the ports that should be closed: those that containers publish, and those of databases and of Docker, at every
 * address of each host. An open port that is not declared is an error.
 */
export async function checkExposure({ hosts, declared }: ExposureInputs, run: Run): Promise<void> {
  run.report.status("try ports from outside");
  const all = Object.values(hosts).map((address) => run.hosts.at(address));
  const candidates = await Promise.all(all.map((host) => candidatesOn(host, declared[host.name] ?? [], run)));
  const targets = candidates.flatMap(({ host, addresses, published, ports }) =>
    addresses.flatMap((address) => ports.map((port): Try => ({ host, published, port, address }))),
  );
  const answers = await knockAll(targets);
  const open = answers.flatMap(({ target, answer }) => (answer === "open" ? [target] : []));
  if (open.length > 0) throw await exposed(open);
  const tried = candidates.flatMap((one) => triedText(one, answers, run));
  if (tried.length > 0)
    run.report.say(`only declared TCP ports are reachable; UDP was not tried (ports tried: ${tried.join("; ")})`);
}

/** What was tried on a host. Addresses to which no packet of this machine gets are reported as not tried. */
function triedText(
  { host, addresses, ports }: Candidates,
  answers: readonly { readonly target: Try; readonly answer: Answer }[],
  { report }: Run,
): string[] {
  const isReached = (address: string) =>
    answers.some(({ target, answer }) => target.host === host && target.address === address && answer !== "unreachable");
  const reached = addresses.filter(isReached);
  for (const address of ports.length === 0 ? [] : addresses.filter((one) => !isReached(one)))
    report.warn(`${host.name}: no ports were tried at its address ${address}: this machine has no route to it`);
  return reached.length === 0 ? [] : [`${host.name}: ${ports.length} at ${reached.join(" and ")}`];
}

async function candidatesOn(host: Host, declared: readonly string[], run: Run): Promise<Candidates> {
  const [addresses, published] = await Promise.all([addressesOf(host, run), publishedOn(host)]);
  const wanted = declared.map(parseOpening).filter(({ protocol }) => protocol === "tcp");
  const allowed = new Set([host.address.port, ...wanted.map(({ port }) => port)]);
  const all = new Set([...published.map(({ port }) => port), ...Object.keys(DANGEROUS).map(Number)]);
  return { host, addresses, published, ports: [...all].filter((port) => !allowed.has(port)) };
}

async function exposed(open: readonly Try[]): Promise<SlipwayError> {
  const lines = await Promise.all(
    open.map(async ({ host, published, port, address }) => {
      const owner = await ownerOf(host, port, published).catch((thrown: unknown) => `owner unknown: ${messageOf(thrown)}`);
      const at = address === host.address.address ? "" : ` at ${address}`;
      return `${host.name} port ${port}${at}${DANGEROUS[port] === undefined ? "" : ` (${DANGEROUS[port]})`}: ${owner}`;
    }),
  );
  const [first] = open;
  const ports = new Set(open.map(({ port }) => port));
  return new SlipwayError({
    code: "PORT_EXPOSED",
    what:
      ports.size === 1 && new Set(open.map(({ host }) => host)).size === 1
        ? `port ${first?.port} is reachable from outside and not declared`
        : `${new Set(open.map(({ host, port }) => `${host.name} ${port}`)).size} ports are reachable from outside and not declared`,
    ...(open.every(({ host }) => host === first?.host) && first !== undefined ? { host: first.host.name } : {}),
    evidence: lines.sort(),
    servesNow: "the release, as declared; this check runs after it and changes nothing",
    next: `publish ${ports.size === 1 ? "it" : "them"} on 127.0.0.1, or add ${[...ports].map((port) => `{port: ${port}}`).join(", ")} to slipway:firewall.allow, then run pulumi up again`,
  });
}
