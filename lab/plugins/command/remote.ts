import type { Client } from "ssh2";
import { equal } from "../diff.ts";
import type { Props } from "../values.ts";
import { commandKind, Paper, type Printed, type Run, type Runner } from "./command.ts";
import { dialled } from "./dial.ts";

/** Runs the command on a remote machine, by SSH. */
const runRemote: Runner = async (run, { connection }) => {
  const client = await dialled(connection as Props);
  try {
    await mustAccept(client, run.environment);
    return await executed(client, run);
  } finally {
    client.end();
  }
};

/**
 * sshd accepts only the variables in its AcceptEnv. The real provider requests a reply to each, which ssh2 does not, so this reads
 * which variables arrived.
 */
async function mustAccept(client: Client, environment: Readonly<Record<string, string>>): Promise<void> {
  const wanted = Object.keys(environment);
  if (wanted.length === 0) return;
  const { stdout } = await executed(client, { command: "env", environment, stdin: undefined, onOutput: () => {} });
  const there = new Set(stdout.split("\n").map((line) => line.split("=", 1)[0]));
  const refused = wanted.find((name) => !there.has(name));
  if (refused !== undefined)
    throw new Error(
      `could not set environment variable "${refused}": ssh: setenv failed. Note that this only works if the SSH server is configured to accept these variables via AcceptEnv`,
    );
}

function executed(client: Client, run: Run): Promise<Printed> {
  const paper = new Paper(run);
  return new Promise((resolve, reject) => {
    client.once("error", reject);
    client.exec(run.command, { env: { ...run.environment } }, (failure, channel) => {
      if (failure !== undefined) return reject(failure);
      let how: string | undefined = "ssh: the connection was lost";
      channel.on("data", paper.writer("stdout"));
      channel.stderr.on("data", paper.writer("stderr"));
      channel.on("exit", (code: number | null, signal?: string) => {
        how = code === 0 ? undefined : `Process exited with ${code === null ? `signal ${signal}` : `status ${code}`}`;
      });
      channel.on("close", () => {
        try {
          resolve(paper.result(how));
        } catch (error) {
          reject(error);
        }
      });
      channel.end(run.stdin ?? "");
    });
  });
}

/** `command:remote:Command` */
export const remoteCommand = commandKind(runRemote, { connection: { same: equal } });
