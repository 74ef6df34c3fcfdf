import { readFile } from "node:fs/promises";
import type Dockerode from "dockerode";
import { LABEL, STATE } from "./state.ts";

const NAME = "slipway-lab";
/** Tried in order: a machine may already use one of them. */
const PREFIXES = ["10.213.77", "10.187.53", "172.29.213", "192.168.213"] as const;

/** The bridge network of the hosts. The machine itself is `gateway`. */
export interface LabNetwork {
  readonly id: string;
  readonly name: string;
  readonly gateway: string;
  /** The address of the nth host, from 1. */
  address(index: number): string;
}

/** The hosts' network, if it exists. */
export async function findNetwork(docker: Dockerode): Promise<LabNetwork | undefined> {
  const [found] = await docker.listNetworks({ filters: { label: [`${LABEL}=${STATE}`] } });
  const gateway = found?.IPAM?.Config?.[0]?.Gateway;
  if (found === undefined || gateway === undefined) return undefined;
  const prefix = gateway.slice(0, gateway.lastIndexOf("."));
  return { id: found.Id, name: found.Name, gateway, address: (index) => `${prefix}.${10 + index}` };
}

/** The hosts' network, created if missing. */
export async function ensureNetwork(docker: Dockerode): Promise<LabNetwork> {
  const there = await findNetwork(docker);
  if (there !== undefined) return there;
  const refusals: unknown[] = [];
  // Docker checks only its own networks: the bridge of a different engine with the same range would lose its route, even if it is down.
  const routes = await readFile("/proc/net/route", "utf8");
  const free = PREFIXES.filter((prefix) => !routes.includes(`\t${hexOf(prefix)}\t`));
  for (const prefix of free) {
    const config = [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }];
    const made = await docker
      .createNetwork({ Name: NAME, Driver: "bridge", IPAM: { Driver: "default", Config: config }, Labels: { [LABEL]: STATE } })
      .catch((refusal: unknown) => void refusals.push(refusal));
    if (made === undefined) continue;
    const network = await findNetwork(docker);
    if (network !== undefined) return network;
  }
  throw new AggregateError(refusals, `no free address range for network ${NAME} among ${PREFIXES.join(", ")}`);
}

/** A range in the kernel's form: its first address, last byte first. @example hexOf("10.213.77") // "004DD50A" */
const hexOf = (prefix: string): string =>
  [...prefix.split("."), "0"]
    .reverse()
    .map((byte) => Number(byte).toString(16).padStart(2, "0").toUpperCase())
    .join("");

/** Removes the network; no-op if it is missing. */
export async function removeNetwork(docker: Dockerode): Promise<void> {
  const network = await findNetwork(docker);
  if (network !== undefined) await docker.getNetwork(network.id).remove();
}
