import { type ChildProcess, spawn } from "node:child_process";
import type { Address } from "../../../hosts/index.ts";
import type { OneHost } from "../../../lab/one-host.ts";

const SOURCE = new URL("../../../", import.meta.url).href;

/** A child process that runs `script` with a `host` at `address`. */
export function childOn(mine: OneHost, address: Partial<Address>, script: string): ChildProcess {
  const program = `
    import { Hosts, parseAccess } from "${SOURCE}hosts/index.ts";
    import { Deadline } from "${SOURCE}core/deadline.ts";
    const host = new Hosts(parseAccess(process.env.SSH_JSON, {})).at(JSON.parse(process.env.ADDRESS));
    ${script}`;
  const SSH_JSON = JSON.stringify({ keys: mine.lab.key.file, agent: false, config: false });
  const ADDRESS = JSON.stringify({ ...mine.operator.addressOf(mine.there), ...address });
  return spawn(process.execPath, ["--input-type=module", "-e", program], { env: { ...process.env, SSH_JSON, ADDRESS } });
}

/** Waits until the child prints `line`. */
export function printed(child: ChildProcess, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (chunk) => String(chunk).includes(line) && resolve());
    child.once("exit", (code) => reject(new Error(`the child exited with ${code} and never printed ${line}`)));
  });
}
