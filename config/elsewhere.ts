const IN_STACK_CONFIG = "set it in the stack's config";
const OF_MACHINE = "make a HetznerMachine, and give its connection to a Server";

const OF_RUN = "it is about a run or a server, not about an app";

/** Keys of a stack's file that are no arguments of an app, with what a program writes instead; `*` is a name that the user has chosen. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  deploy_file: "write the arguments; slipway import makes a stack's file of it",
  docker: "set docker of the Server",
  firewall: "set firewall of the Server",
  harden: "set harden of the Server",
  ssh: `${IN_STACK_CONFIG}, as slipway:ssh: it differs between the people who deploy`,
  aliases: `${IN_STACK_CONFIG}, as slipway:aliases: it is for the command line`,
  hetzner: OF_MACHINE,
  secrets_from: "ask for the values by secretsFrom(…), and pass them as secrets",
  forget: `remove the Server from the program, and ${IN_STACK_CONFIG}, as slipway:forget`,
  "servers.*.hetzner": OF_MACHINE,
  "servers.*.setup": "set setup of the Server",
  "proxy.run": "set proxy of the Server",
  ...Object.fromEntries(
    ["pre_connect", "docker_setup", "pre_proxy_reboot", "post_proxy_reboot", "on_failure"].flatMap((moment) =>
      ["hooks", "hooks_output", "hooks_timeout"].map((key) => [
        `${key}.${moment}`,
        `${IN_STACK_CONFIG}, in slipway:${key}: ${OF_RUN}`,
      ]),
    ),
  ),
  notify: `${IN_STACK_CONFIG}, as slipway:notify: ${OF_RUN}`,
};

/** Whether an app has no argument for a key of a stack's file. @param key without the names that the user has chosen: `servers.setup` */
export const isElsewhere = (key: string): boolean => OF_KEYS.has(key);

const OF_KEYS: ReadonlySet<string> = new Set(Object.keys(ELSEWHERE).map((path) => path.replace(".*", "")));
