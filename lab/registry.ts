import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { Deadline } from "../core/deadline.ts";
import { type Certificates, ensureCertificates } from "./certificates.ts";
import { command } from "./command.ts";
import { Daemon } from "./daemon.ts";
import { folder, inState } from "./state.ts";

const PORT = 5000;
const USERNAME = "lab";
const daemon = new Daemon("registry");

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export interface RegistryRequest {
  readonly method?: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly body?: Buffer | string;
  readonly type?: string;
  /** Instead of the correct password. */
  readonly password?: string;
}

/** The lab's registry, with a password and a certificate of the lab's CA. */
export class LabRegistry {
  /** `host:port`, the first part of every image's name. */
  readonly server: string;
  readonly username = USERNAME;
  readonly password: string;
  readonly certificates: Certificates;

  constructor(server: string, password: string, certificates: Certificates) {
    this.server = server;
    this.password = password;
    this.certificates = certificates;
  }

  /** The CA's certificate, PEM file. */
  get ca(): string {
    return this.certificates.ca;
  }

  /** One request to the registry's API. @example registry.call("/v2/shop/tags/list") */
  async call(
    path: string,
    { method = "GET", body, type, password = this.password }: RegistryRequest = {},
  ): Promise<RegistryAnswer> {
    const url = new URL(path, `https://${this.server}`);
    const headers: Record<string, string | number> = {
      authorization: `Basic ${Buffer.from(`${USERNAME}:${password}`).toString("base64")}`,
    };
    if (type !== undefined) headers["content-type"] = type;
    if (method !== "GET" && method !== "HEAD") headers["content-length"] = Buffer.byteLength(body ?? "");
    const ca = await readFile(this.ca);
    return new Promise((resolve, reject) => {
      const call = request(url, { method, headers, ca, timeout: 30_000 }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
        );
      });
      call.on("error", reject);
      call.on("timeout", () => call.destroy(new Error(`registry: no answer to ${method} ${path} in 30 s`)));
      call.end(body);
    });
  }

  /** Removes a repository with all layers that it has: for one that shares none with others. No-op if it does not exist. */
  async discard(repository: string): Promise<void> {
    const storage = inState("registry", "data", "docker", "registry", "v2");
    const own = join(storage, "repositories", repository);
    const named = await Promise.all(
      [["_layers"], ["_manifests", "revisions"]].map((at) => readdir(join(own, ...at, "sha256")).catch(() => [])),
    );
    const blobs = named.flat().map((hex) => join(storage, "blobs", "sha256", hex.slice(0, 2), hex));
    await Promise.all([own, ...blobs].map((path) => rm(path, { recursive: true, force: true })));
  }

  /** Stops it, as in an outage. `startRegistry` restarts it. */
  stop(): Promise<void> {
    return stopRegistry();
  }
}

/** The registry on the machine's address in the hosts' network; started if it is not running. */
export async function startRegistry(address: string): Promise<LabRegistry> {
  const registry = await knownRegistry(address);
  if ((await daemon.pid()) === undefined)
    await daemon.start(["/usr/bin/docker-registry", "serve", await configure(registry, address)]);
  const up = async () => {
    if ((await daemon.pid()) === undefined) throw new Error(`the registry ended:\n${await daemon.lastLines()}`);
    const answer = await registry.call("/v2/").catch(() => undefined);
    return answer?.status === 200 ? registry : undefined;
  };
  return Deadline.in(20).until(up, () => new Error(`the registry does not answer; see ${daemon.log}`));
}

/** The registry as it was started, without a check that it is running. */
export async function knownRegistry(address: string): Promise<LabRegistry> {
  return new LabRegistry(`${address}:${PORT}`, await ensurePassword(), await ensureCertificates(address));
}

export const stopRegistry = (): Promise<void> => daemon.stop(5);

async function ensurePassword(): Promise<string> {
  const file = `${await folder("registry")}/password`;
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const password = randomBytes(18).toString("base64url");
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

async function configure({ password, certificates }: LabRegistry, address: string): Promise<string> {
  const users = inState("registry", "htpasswd");
  // cost 5 is the minimum: every request of a pull verifies it
  await writeFile(users, await command(["htpasswd", "-niB", "-C", "5", USERNAME], { input: password }), { mode: 0o600 });
  const file = inState("registry", "config.yml");
  const config = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: await folder("registry", "data") }, delete: { enabled: true } },
    http: { addr: `${address}:${PORT}`, tls: { certificate: certificates.cert, key: certificates.key } },
    auth: { htpasswd: { realm: "slipway-lab", path: users } },
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}
