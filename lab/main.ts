import { parseArgs } from "node:util";
import { SlipwayError } from "../core/error.ts";
import { labStatus, startLab, stopLab } from "./lab.ts";
import { STATE } from "./state.ts";

const USAGE = `The lab: servers with SSH and Docker, a registry and images on this machine.

  npm run lab -- up [--hosts N | --hosts name,name]   starts what is missing (default: 3 hosts) and says how to reach it
                                                      with --bare: hosts that come without Docker
  npm run lab -- status                               what runs
  npm run lab -- down                                 removes the hosts and stops everything; images stay for the next time
`;

async function up({ hosts, bare }: { readonly hosts: string; readonly bare: boolean }): Promise<void> {
  const started = performance.now();
  const lab = await startLab({ hosts: /^\d+$/.test(hosts) ? Number(hosts) : hosts.split(","), bare });
  console.log(`lab up in ${((performance.now() - started) / 1000).toFixed(1)} s; state in ${STATE}`);
  console.log(
    `registry  ${lab.registry.server}  user ${lab.registry.username}, password in ${STATE}/registry/password, CA ${lab.registry.ca}`,
  );
  for (const { name, address, hostKey } of lab.hosts) console.log(`${name.padEnd(9)} ${address}  ${hostKey}`);
  console.log(`log in    ssh -i ${lab.key.file} root@${lab.hosts[0]?.address ?? "ADDRESS"}   (or deploy@, nodocker@)`);
}

async function status(): Promise<void> {
  const { engine, machines } = await labStatus();
  console.log(`engine ${engine}, ${machines.length} hosts`);
  for (const { name, address, state } of machines) console.log(`${name.padEnd(9)} ${address}  ${state}`);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { hosts: { type: "string", default: "3" }, bare: { type: "boolean", default: false } },
});
const commands: Readonly<Record<string, () => Promise<void>>> = { up: () => up(values), down: stopLab, status };
const chosen = commands[positionals[0] ?? ""];
if (chosen === undefined) {
  console.error(USAGE);
  process.exitCode = 64;
} else {
  await chosen().catch((error: unknown) => {
    if (!(error instanceof SlipwayError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  });
}
