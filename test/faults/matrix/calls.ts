import type { HostName } from "../../../core/words.ts";
import { PLANNED as ACCESSORY, ROLLING_BACK } from "../../../providers/accessory/events.ts";
import type { AccessoryOperation } from "../../../providers/accessory/operation.ts";
import { PLANNED as DOCKER } from "../../../providers/docker-engine/events.ts";
import type { DockerOperation } from "../../../providers/docker-engine/plan.ts";
import { PLANNED as FIREWALL } from "../../../providers/firewall/events.ts";
import type { FirewallOperation } from "../../../providers/firewall/plan.ts";
import { PLANNED as HARDENING } from "../../../providers/hardening/events.ts";
import type { HardeningOperation } from "../../../providers/hardening/plan.ts";
import { PLANNED as PROXY } from "../../../providers/proxy/events.ts";
import type { ProxyOperation } from "../../../providers/proxy/plan.ts";
import { PLANNED as SCHEDULE } from "../../../providers/schedule/events.ts";
import type { Operation as ScheduleOperation } from "../../../providers/schedule/plan.ts";
import type { Event, HostPlan } from "../../../providers/steps/event.ts";
import type { Calls } from "./allowance.ts";

/** The most calls of each kind that an operation makes. */
type Table<O extends { readonly do: string }> = Readonly<Record<O["do"], Calls>>;

/** A registry that is busy is asked again. */
const PULL: Calls = { pull: 3 };
const START: Calls = { "start container": 1 };
const REMOVE: Calls = { "remove container": 1 };

/** The scenarios have two volumes and two archives of files at most. */
const OF_ACCESSORY: Table<AccessoryOperation> = {
  network: { "create network": 1 },
  discard: { "stop container": 1, ...REMOVE },
  revive: START,
  create: { ...PULL, "create volume": 2, "create folders": 1, "create container": 1, "write files": 2 },
  stop: { "update container": 1, "stop container": 1 },
  "stop-rival": { "update container": 1, "stop container": 1 },
  start: START,
  prove: {},
  "set-limits": { "update container": 1 },
  remove: REMOVE,
  // Just before it the replaced image goes.
  rename: { "rename container": 1, "remove image": 1 },
  "reset-limits": { "update container": 1 },
  route: {},
  unroute: {},
  // Of a restore that lost its command: no scenario has one.
  "end-restore": {},
};
/** Of a replacement that failed. */
const WAY_BACK: Calls = { "stop container": 1, ...REMOVE, ...START, "update container": 1 };

const OF_SCHEDULE: Table<ScheduleOperation> = {
  "stop scheduler": { "stop container": 1 },
  leave: { "rename container": 1 },
  remove: REMOVE,
  create: {
    ...PULL,
    // The pipe, and the record of what was stored.
    "create volume": 2,
    "create container": 1,
    "write files": 1,
    "rename container": 1,
    ...START,
    // What could not be completed.
    ...REMOVE,
  },
  "start scheduler": START,
};

const OF_PROXY: Table<ProxyOperation> = {
  "create network": { "create network": 1 },
  // One that a killed run left is taken over; one that does not start is removed.
  run: { ...PULL, "tag image": 1, "create container": 1, ...START, "rename container": 1, ...REMOVE },
  start: START,
  replace: {
    ...PULL,
    "tag image": 1,
    "create container": 1,
    "stop container": 1,
    // The old one again, if the new one does not start.
    "start container": 2,
    // What a killed run left, and the old one or the new one.
    "remove container": 2,
    "rename container": 1,
  },
};

const OF_FIREWALL: Table<FirewallOperation> = {
  close: { "try firewall": 1, "keep firewall": 1 },
  keep: { "keep firewall at boot": 1 },
};

const OF_HARDENING: Table<HardeningOperation> = {
  account: { "create user": 1 },
  close: { "harden sshd": 1, "keep sshd hardened": 1 },
};

const SET: Calls = {
  "mkdir -p": 1,
  "write /etc/docker/.slipway-daemon.json": 1,
  "sh -c": 1,
  "dockerd --validate": 1,
  "mv -f": 1,
  "systemctl reload": 1,
  "systemctl restart": 1,
};
const OF_DOCKER: Table<DockerOperation> = {
  "give up": {},
  refuse: {},
  set: SET,
  // Packages are not in the matrix.
  install: {},
  upgrade: {},
  start: { "systemctl reset-failed": 1, "systemctl start": 1 },
  admit: { "usermod --append": 1 },
};

/** Reports of every plan of this process what it may do. */
export function onPlans(allow: (host: HostName, calls: Calls) => void): void {
  const listen = <O extends { readonly do: string }>(event: Event<HostPlan<O>>, table: Table<O>) =>
    event.subscribe(({ host, operations }) => {
      const callsOf = (operation: O): Calls => table[operation.do as O["do"]];
      for (const operation of operations) allow(host, callsOf(operation));
    });
  listen(ACCESSORY, OF_ACCESSORY);
  listen(SCHEDULE, OF_SCHEDULE);
  listen(PROXY, OF_PROXY);
  listen(FIREWALL, OF_FIREWALL);
  listen(HARDENING, OF_HARDENING);
  listen(DOCKER, OF_DOCKER);
  ROLLING_BACK.subscribe(({ host }) => allow(host, WAY_BACK));
}
