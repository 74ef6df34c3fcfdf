import type { HostName } from "../../core/words.ts";
import { hostsAt } from "../stack/access.ts";
import type { StackOptions } from "../stack/option.ts";
import { readProxies } from "../stack/read-stack.ts";
import { certificates } from "../status/certificate-lines.ts";
import { print, printJson } from "../terminal/print.ts";
import { chooseProxies } from "./choose.ts";
import { detailsOn, detailsText, type ProxyDetails } from "./details.ts";

/** Prints what runs on each host. Returns the exit code: 1 if one could not be asked. */
export async function show(
  options: StackOptions,
  named: readonly HostName[] | undefined,
  form: "text" | "json",
): Promise<number> {
  const { hosts: all, access } = await readProxies(options);
  const addresses = chooseProxies(all, named);
  const hosts = hostsAt(access);
  try {
    const found = await Promise.all(addresses.map((address) => detailsOn(hosts.at(address), new Date())));
    if (form === "json") printJson(found);
    else print(`${screenOf(found, new Date())}\n`);
    return found.some(({ unreachable }) => unreachable !== null) ? 1 : 0;
  } finally {
    await hosts.close();
  }
}

/** The certificates of all hosts come together: several show the same. */
function screenOf(found: readonly ProxyDetails[], now: Date): string {
  const lines = certificates({ hosts: found });
  const screens = found.map((one) => detailsText(one, now));
  return [...screens, ...(lines.length === 0 ? [] : [lines.join("\n")])].join("\n\n");
}
