const IN_STACK_CONFIG = "set it in the stack's config";
const OF_MACHINE = "make a HetznerMachine, and give its connection to a Server";

/** Keys of a stack's file that are no arguments of an app, with what a program writes instead; `*` is a name that the user has chosen. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  deploy_file: "write the arguments; slipway import makes a stack's file of it",
  docker: "set docker of the Server",
  firewall: "set firewall of the Server",
  harden: "set harden of the Server",
  ssh: `${IN_STACK_CONFIG}, as slipway:ssh: it differs between the people who deploy`,
  hetzner: OF_MACHINE,
  forget: `remove the Server from the program, and ${IN_STACK_CONFIG}, as slipway:forget`,
  "servers.*.hetzner": OF_MACHINE,
  "servers.*.setup": "set setup of the Server",
  "proxy.run": "set proxy of the Server",
  "hooks.on_failure": `${IN_STACK_CONFIG}, in slipway:hooks: it is run once for a run, not for an app`,
};

/** Whether an app has no argument for a key of a stack's file. @param key without the names that the user has chosen: `servers.setup` */
export const isElsewhere = (key: string): boolean => OF_KEYS.has(key);

const OF_KEYS: ReadonlySet<string> = new Set(Object.keys(ELSEWHERE).map((path) => path.replace(".*", "")));
