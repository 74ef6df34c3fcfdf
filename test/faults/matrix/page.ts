import { FAULTS } from "./fault.ts";
import { HOSTS } from "./fleet.ts";
import { RATE } from "./load.ts";
import { SCENARIOS } from "./scenario.ts";
import { type Result, section } from "./table.ts";

const [first, second, third] = HOSTS;

const HEAD = `# Faults

Written by \`npm run test:faults\`; do not edit. A release, or a change that another provider makes, runs in a process of its own on hosts of the lab, each with its
own SSH server and Docker. It stops before and after every call that changes a host, and exactly there a fault strikes the host of that call; \`during\` is
when the request has left for the host and no answer has come. The points are found by a run without a fault, so none is missing because it was left off
a list. After the fault the change is made again, without one, once.

| fault | what happens |
|---|---|
${FAULTS.map(({ name, happens }) => `| ${name} | ${happens} |`).join("\n")}

A release runs on three hosts: \`web\` behind kamal-proxy on \`${first}\` and \`${second}\`, \`worker\` on \`${third}\`. \`ok\` means that all of this was found, by Docker, by
the proxy's own state and by HTTP:

- the run that met the fault ended well, was killed by it, or failed with an error made for its reader; after it, every lease was free within 2 s;
- one more run ended well;
- on every host exactly the wanted containers run, with the wanted restart policy, and at most the retained ones are there beside them: no candidate, no other container, no image and no volume that nothing uses;
- the proxy's route has exactly the running containers as its targets, and the right version answers;
- users who asked both proxies ${RATE} times a second all the while got no wrong answer and no error. Only a host that the fault itself takes out may fail its own users: \`host out\` is the time from their first failed request to their last;
- no run made a call that was not in its plan.

Any other change is made on one host, \`${first}\`, and taken back after each fault. There \`ok\` means:

- the same of the run that met the fault, of the one after it, of leases and of plans, which a removal and a setup do not have;
- by means other than the provider's (Docker, iptables, sshd's own configuration, logins, files) exactly what is declared was found, and nothing else; data that was there is there to the last byte;
- a last look of the provider found nothing to do.

The registry login is not among them: it makes no call that changes a host.

`;

/** The whole page, of these results alone. @param seed of a sample */
export const page = (results: readonly Result[], seed?: number): string =>
  `${HEAD}${results.map((result) => section(result, seed)).join("\n")}`;

/** The page with the sections of these results, and those of other scenarios as they are on it. */
export function renewed(text: string, results: readonly Result[]): string {
  const parts = text.split(/^(?=## )/m).filter((part) => part.startsWith("## "));
  const kept = new Map(parts.map((part) => [part.slice(3, part.indexOf(":")), part]));
  const sections = SCENARIOS.flatMap(({ name }) => {
    const result = results.find(({ scenario }) => scenario.name === name);
    const part = result === undefined ? kept.get(name) : section(result);
    return part === undefined ? [] : [`${part.trimEnd()}\n`];
  });
  return `${HEAD}${sections.join("\n")}`;
}
