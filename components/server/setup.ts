import * as pulumi from "@pulumi/pulumi";
import type { Ssh } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { USUAL_KEYS } from "../../core/key-files.ts";
import type { Seconds } from "../../core/words.ts";
import { readIfThere } from "../keys/key-files.ts";
import type { HostInput } from "../pulumi/dynamic.ts";
import { optionalPackage } from "../pulumi/optional-package.ts";

type Command = typeof import("@pulumi/command");

export const command = (): Command => optionalPackage("@pulumi/command", "setup and hooks") as Command;

export interface SetupArgs {
  /**
   * The server that runs them; its host key must be pinned.
   *
   * @example server.connection
   */
  readonly host: HostInput;
  /**
   * Shell commands, run in order until one fails.
   *
   * @example ["sysctl -w vm.overcommit_memory=1"]
   */
  readonly commands: readonly string[];
  /**
   * The keys and the jump host of SSH.
   *
   * @example config.ssh
   */
  readonly ssh: Ssh;
}

/** The user's own commands on a new server: run once, and again when they change. Their effect is not observed. */
export class Setup extends pulumi.ComponentResource {
  readonly done: pulumi.Resource;

  constructor(name: string, { host, commands, ssh }: SetupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Setup", name, {}, opts);
    const script = ["set -e", ...commands, ""].join("\n");
    const args = {
      create: script,
      triggers: [script],
      addPreviousOutputInEnv: false,
      connection: pulumi.secret(connectionTo(host, ssh)),
    };
    // How this operator logs in is no reason to run the commands again.
    this.done = new (command().remote.Command)(name, args, {
      parent: this,
      ignoreChanges: ["connection"],
      ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
    });
    this.registerOutputs({});
  }
}

const DIAL_TIMEOUT: Seconds = 15;

const connectionTo = (to: HostInput, ssh: Ssh) =>
  pulumi.output(to).apply(({ name, address, port, user, hostKey }) => {
    if (hostKey === undefined) throw unpinned(name);
    const { jump } = ssh;
    return {
      host: address,
      port,
      user,
      hostKey,
      dialErrorLimit: 10,
      perDialTimeout: DIAL_TIMEOUT,
      ...loginOf(ssh),
      ...(jump === undefined ? {} : { proxy: { host: jump.address, port: jump.port, user: jump.user, ...loginOf(ssh) } }),
    };
  });

/** The package @pulumi/command logs in with one key, or through an agent. */
function loginOf({ keyData, keys, agent }: Ssh): { privateKey: string } | { agentSocketPath: string } {
  const socket = typeof agent === "string" ? agent : agent ? process.env.SSH_AUTH_SOCK : undefined;
  const [given] = keyData;
  if (given !== undefined) return { privateKey: given };
  if (keys.length === 0 && socket !== undefined) return { agentSocketPath: socket };
  const files = keys.length > 0 ? keys : USUAL_KEYS;
  for (const file of files) {
    const [privateKey] = readIfThere(file);
    if (privateKey !== undefined) return { privateKey };
  }
  if (socket !== undefined) return { agentSocketPath: socket };
  throw new SlipwayError({
    code: "SETUP_UNREACHABLE",
    what: "no SSH key to log in with for the setup commands",
    evidence: [`no SSH agent, and none of these files: ${files.join(", ")}`],
    servesNow: NOTHING_TOUCHED,
    next: "set slipway:ssh.keys, or start an SSH agent",
  });
}

const unpinned = (host: string): SlipwayError =>
  new SlipwayError({
    code: "SETUP_UNREACHABLE",
    what: "setup commands run only where the host key is pinned",
    host,
    servesNow: NOTHING_TOUCHED,
    next: `set slipway:ssh.host_keys["${host}"] to its key: ssh-keyscan -t ed25519, verified on the machine itself`,
  });
