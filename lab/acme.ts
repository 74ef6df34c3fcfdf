import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { Deadline } from "../core/deadline.ts";
import type { Seconds } from "../core/words.ts";
import { Daemon } from "./daemon.ts";
import { goBinaryFile } from "./gobuild.ts";
import { startGround } from "./ground.ts";
import type { LabHost } from "./host.ts";
import { alone } from "./lock.ts";
import { folder, inState } from "./state.ts";

const daemon = new Daemon("acme");
/** Let's Encrypt, as kamal-proxy calls it. */
const LETS_ENCRYPT = "acme-v02.api.letsencrypt.org";
const PORT = 443;

/** The life of its certificates: kamal-proxy renews after two thirds of it. */
export const ACME_VALIDITY: Seconds = 36;

/** A name for which the lab's Let's Encrypt issues no certificate, as for one that is forbidden to it. */
export const REFUSED_NAME = "shop.refused.example";

/** Let's Encrypt's own test server, in place of Let's Encrypt. */
export class LabAcme {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** The root of all certificates that it issues, PEM. */
  root(): Promise<string> {
    return readFile(inState("acme", "root.pem"), "utf8");
  }

  /** A name that leads to this host, in the eyes of Let's Encrypt. No name without an address in it leads anywhere. */
  nameOf({ address }: LabHost, site = "shop.example"): string {
    return `${address.replaceAll(".", "-")}.${site}`;
  }

  /** Makes the host's proxy take this for Let's Encrypt. Before its first certificate: it reads what it trusts only once. */
  async takenFor(host: LabHost): Promise<void> {
    const trusted = Buffer.from(await readFile(inState("acme", "endpoint.pem"))).toString("base64");
    await host.must(`set -e
      at=$(mktemp -d) && mkdir -p $at/ssl/certs
      echo ${trusted} | base64 -d >$at/ssl/certs/ca-certificates.crt
      chmod -R a+rX $at/ssl && docker cp -q $at/ssl kamal-proxy:/etc/ && rm -r $at
      echo '${this.#address} ${LETS_ENCRYPT}' >>"$(docker inspect -f '{{.HostsPath}}' kamal-proxy)"`);
  }
}

/** Started if it does not run, on the machine's address in the hosts' network. */
export function startAcme(): Promise<LabAcme> {
  return alone(async () => {
    const { gateway } = (await startGround()).network;
    await folder("acme");
    if ((await daemon.pid()) === undefined)
      await daemon.start([await binary()], {
        ACME_FOLDER: inState("acme"),
        ACME_ADDRESS: `${gateway}:${PORT}`,
        ACME_VALIDITY: String(ACME_VALIDITY),
        PEBBLE_VA_NOSLEEP: "1",
        PEBBLE_WFE_NONCEREJECT: "0",
        PEBBLE_AUTHZREUSE: "0",
      });
    const up = async () => {
      if ((await daemon.pid()) === undefined) throw new Error(`the ACME server ended:\n${await daemon.lastLines()}`);
      return (await answers(gateway)) ? new LabAcme(gateway) : undefined;
    };
    return Deadline.in(20).until(up, () => new Error(`the ACME server does not answer; see ${daemon.log}`));
  });
}

export const stopAcme = (): Promise<void> => daemon.stop(5);

const binary = (): Promise<string> => goBinaryFile({ name: "acme", from: join(import.meta.dirname, "acme"), target: "." });

async function answers(address: string): Promise<boolean> {
  const ca = await readFile(inState("acme", "endpoint.pem")).catch(() => undefined);
  return new Promise((resolve) => {
    const headers = { "user-agent": "slipway-lab" };
    const asked = get({ host: address, servername: LETS_ENCRYPT, path: "/directory", headers, ca, timeout: 1000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
  });
}
