import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ConnectConfig } from "ssh2";
import { z } from "zod";
import { messageOf } from "../../../core/error.ts";
import type { Milliseconds } from "../../../core/words.ts";
import type { Props } from "../values.ts";

/** Between two attempts. */
const PAUSE: Milliseconds = 250;

const End = z.object({
  host: z.string(),
  port: z.number().optional(),
  user: z.string().optional(),
  password: z.string().optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  agentSocketPath: z.string().optional(),
  hostKey: z.string().optional(),
  dialErrorLimit: z.number().optional(),
  perDialTimeout: z.number().optional(),
});
type End = z.infer<typeof End>;
const Connection = End.extend({ proxy: End.optional() });

/** Connects over SSH with the inputs of a remote command, and retries as often as they allow. */
export async function dialled(inputs: Props): Promise<Client> {
  const { proxy, ...end } = Connection.parse(inputs);
  if (proxy === undefined) return tried(end, undefined);
  const bastion = await tried(proxy, undefined);
  const client = await tried(end, bastion);
  client.once("close", () => bastion.end());
  return client;
}

async function tried(end: End, through: Client | undefined): Promise<Client> {
  const limit = end.dialErrorLimit ?? 10;
  for (let failures = 1; ; failures += 1) {
    try {
      return await dial(end, through);
    } catch (failure) {
      if (limit !== -1 && failures >= Math.max(1, limit))
        throw new Error(`after ${failures} failed attempts: ${end.host}: ${messageOf(failure)}`);
      await sleep(PAUSE);
    }
  }
}

async function dial(end: End, through: Client | undefined): Promise<Client> {
  const client = new Client();
  const sock = through === undefined ? undefined : await tunnel(through, end);
  const mismatch: { is: boolean } = { is: false };
  client.connect({ ...configFor(end, mismatch), ...(sock === undefined ? {} : { sock }) });
  try {
    await once(client, "ready");
  } catch (failure) {
    client.destroy();
    throw mismatch.is ? new Error("ssh: handshake failed: ssh: host key mismatch") : failure;
  }
  // A later error ends the command, because its channel closes.
  client.on("error", () => {});
  return client;
}

const tunnel = (through: Client, { host, port = 22 }: End): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    through.forwardOut("127.0.0.1", 0, host, port, (failure, channel) =>
      failure === undefined ? resolve(channel) : reject(failure),
    );
  });

function configFor(end: End, mismatch: { is: boolean }): ConnectConfig {
  const { host, port = 22, user = "root", privateKey, privateKeyPassword, password, perDialTimeout = 15, hostKey } = end;
  const agent = end.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  return {
    host,
    port,
    username: user,
    readyTimeout: perDialTimeout === 0 ? 0 : perDialTimeout * 1000,
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(privateKeyPassword === undefined ? {} : { passphrase: privateKeyPassword }),
    ...(password === undefined ? {} : { password }),
    ...(agent === undefined || agent === "" ? {} : { agent }),
    ...(hostKey === undefined ? {} : pinned(hostKey, mismatch)),
  };
}

/** Only this key is accepted and requested. */
function pinned(line: string, mismatch: { is: boolean }): ConnectConfig {
  const [type = "", key = ""] = line.trim().split(/\s+/);
  return {
    algorithms: { serverHostKey: [type as "ssh-ed25519"] },
    hostVerifier: (shown: Buffer) => {
      const isRight = shown.equals(Buffer.from(key, "base64"));
      mismatch.is = !isRight;
      return isRight;
    },
  };
}
