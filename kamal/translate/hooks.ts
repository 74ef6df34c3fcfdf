import type { Hook, HookName } from "../files/hooks.ts";
import { placeText } from "../source/place.ts";
import { type Entry, entry, listNode, mapNode, textNode } from "../yaml/tree.ts";
import type { Run } from "./run.ts";

/** Hooks that have a counterpart. */
const KEYS: Partial<Record<HookName, string>> = { "pre-deploy": "pre_deploy", "post-deploy": "post_deploy" };

/** What to do about the others. */
const INSTEAD: Readonly<Record<HookName, string>> = {
  "docker-setup": "runs on this machine in Kamal: commands for the hosts go into servers.<role>.setup",
  "pre-connect": "has no counterpart: run it before slipway deploy, in your CI or a script",
  "pre-build": "has no counterpart: run it before slipway deploy, in your CI or a script",
  "pre-deploy": "",
  "pre-app-boot": "has no counterpart: strategy: stop-first of a role stops the old container first",
  "post-app-boot": "has no counterpart: hooks.post_deploy runs after the release serves on all hosts",
  "post-deploy": "",
  "pre-proxy-reboot": "has no counterpart: a change of the proxy is in the plan",
  "post-proxy-reboot": "has no counterpart: a change of the proxy is in the plan",
};

/** The variables that Kamal gives to hooks, from ours. */
const KAMAL =
  'KAMAL_VERSION="$SLIPWAY_VERSION" KAMAL_SERVICE_VERSION="$SLIPWAY_SERVICE@$SLIPWAY_VERSION" KAMAL_SERVICE="$SLIPWAY_SERVICE" KAMAL_DESTINATION="$SLIPWAY_DESTINATION" KAMAL_HOSTS="$SLIPWAY_HOSTS" KAMAL_ROLES="$SLIPWAY_ROLES"';

/** Hooks of `.kamal/hooks` as `slipway:hooks`, where there is a moment for them. */
export function translateHooks(hooks: readonly Hook[], run: Run): Entry[] {
  const entries = hooks.flatMap((hook): Entry[] => {
    const { name, at, callsKamal } = hook;
    const cursor = { path: ["hooks", name], node: textNode(name, { at, comment: undefined }), at };
    const key = KEYS[name];
    if (key === undefined) {
      run.ask(cursor, INSTEAD[name]);
      return [];
    }
    if (callsKamal !== undefined) {
      const line = placeText({ ...at, line: callsKamal });
      const says =
        name === "pre-deploy"
          ? `calls Kamal in ${line}: if it is a migration, write its command as slipway:release, which runs in the new image before anything is switched`
          : `calls Kamal in ${line}: write what it does with slipway, under slipway:hooks.${key}`;
      run.ask(cursor, says);
      return [];
    }
    run.packages.add("@pulumi/command");
    run.translate(cursor, `is hooks.${key}, with Kamal's variables but those of the lock and the command`, ["hooks", key]);
    const command = `${KAMAL} ${run.fromProject(at.file)}`;
    return [entry(key, { ...listNode([{ ...textNode(command, cursor.node), isQuoted: true }], cursor.node) })];
  });
  const [first] = entries;
  return first === undefined ? [] : [entry("hooks", mapNode(entries, first.value), { isApart: true })];
}
