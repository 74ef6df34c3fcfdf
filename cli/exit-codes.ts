/** What a code means, in the order of the codes. */
type Meanings = Readonly<Record<number, string>>;

const DEPLOY: Meanings = {
  0: "released, or nothing to do",
  1: "failed or refused; the hosts are as the last release left them",
  2: "the command line, the stack or its config is wrong; nothing was changed",
  3: "failed, and the hosts differ from what the last release left, or are unreachable",
  130: "interrupted; the next run continues from what it finds",
};
const PASSED_ON: Meanings = { 0: "that of the command, as every other code below 125", 125: "Slipway could not run it" };
const DONE: Meanings = { 0: "done", 1: "failed, or declined" };

/**
 * What each command ends with. Scripts depend on it: a meaning never changes. The table in docs/errors.md is generated from it. Code 2 is,
 * for every command, a command line that is wrong.
 */
export const EXIT_CODES: Readonly<Record<string, Meanings>> = {
  deploy: { ...DEPLOY, 4: "with --preview: there is something to do" },
  rollback: DEPLOY,
  promote: DEPLOY,
  status: {
    0: "as declared",
    1: "not as declared",
    2: "unknown: a host is unreachable, or the state cannot be read",
  },
  doctor: { 0: "ready for a release, with or without warnings", 1: "not ready", 2: "the stack or its config is wrong" },
  releases: { 0: "listed", 2: "the state cannot be read" },
  logs: {
    0: "all lines were shown",
    1: "a host was unreachable, or the command failed",
    130: "stopped by Ctrl-C",
  },
  restart: DONE,
  stop: DONE,
  start: DONE,
  remove: DONE,
  maintenance: DONE,
  exec: PASSED_ON,
  server: { ...DONE, 125: "exec: the command could not be run; other codes are its own" },
  proxy: DONE,
  accessory: { ...DONE, 125: "exec, console: the command could not be run; other codes are its own" },
  backup: { ...DONE, 2: "the stack or the store cannot be read" },
  tunnel: DONE,
  lock: DONE,
  unlock: DONE,
  audit: DONE,
  config: { 0: "printed", 2: "the stack or its config is wrong" },
  docs: { 0: "printed", 2: "the key or code does not exist" },
  init: { 0: "the project was written, or is there", 1: "declined", 2: "nothing was written" },
  add: { 0: "written, or there already", 1: "declined", 2: "nothing was written" },
  import: { 0: "the project was written, also if a value needs you", 2: "nothing was written" },
  pulumi: PASSED_ON,
  install: DONE,
  completion: DONE,
};
