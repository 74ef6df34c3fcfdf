import { covers, equal } from "../diff.ts";
import type { Kind } from "../kind.ts";
import type { Props } from "../values.ts";
import type { Api, Shown } from "./api.ts";
import { given, inner, LABELS, listOf, NAME, rename } from "./parts.ts";

const pathOf = (id: string): string => `/firewalls/${id}`;

const wireRule = ({ direction, protocol, port, sourceIps, destinationIps, description }: Props): Props =>
  given({ direction, protocol, port, source_ips: sourceIps, destination_ips: destinationIps, description });

const shownRule = (rule: Props): Props => ({
  direction: rule.direction,
  protocol: rule.protocol,
  port: rule.port ?? undefined,
  sourceIps: rule.source_ips,
  destinationIps: rule.destination_ips,
  description: rule.description ?? undefined,
});

const wireTarget = ({ server, labelSelector }: Props): Props =>
  server === undefined
    ? { type: "label_selector", label_selector: { selector: labelSelector } }
    : { type: "server", server: { id: Number(server) } };

const shownTarget = (target: Shown): Props =>
  target.type === "server" ? { server: inner(target, "server").id } : { labelSelector: inner(target, "label_selector").selector };

/** `hcloud:index/firewall:Firewall` */
export const firewall = (api: () => Api): Kind => {
  const read = async (id: string) => {
    const found = await api().find("firewall", pathOf(id));
    if (found === undefined) return undefined;
    const rules = listOf(found.rules).map(shownRule);
    return { name: found.name, labels: found.labels, rules, applyTos: listOf(found.applied_to).map(shownTarget) };
  };
  const retarget = async (id: string, wanted: readonly Props[], there: readonly Props[]) => {
    const lacking = (some: readonly Props[], others: readonly Props[]) =>
      some.filter((one) => !others.some((other) => covers(other, one)));
    const [more, less] = [lacking(wanted, there), lacking(there, wanted)];
    if (less.length > 0)
      await api().act("POST", `${pathOf(id)}/actions/remove_from_resources`, { remove_from: less.map(wireTarget) });
    if (more.length > 0) await api().act("POST", `${pathOf(id)}/actions/apply_to_resources`, { apply_to: more.map(wireTarget) });
  };
  return {
    properties: { name: NAME, labels: LABELS, rules: { same: sameRules }, applyTos: { computed: true } },
    outputs: [],
    named: true,
    create: async ({ name, labels, rules, applyTos }) => {
      const targets = applyTos === undefined ? undefined : listOf(applyTos).map(wireTarget);
      const body = given({ name, labels, rules: listOf(rules).map(wireRule), apply_to: targets });
      const made = await api().act("POST", "/firewalls", body);
      const id = String(inner(made, "firewall").id);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      await rename(api(), pathOf(id), inputs, before);
      if (!sameRules(before.rules, inputs.rules ?? []))
        await api().act("POST", `${pathOf(id)}/actions/set_rules`, { rules: listOf(inputs.rules).map(wireRule) });
      if (inputs.applyTos !== undefined) await retarget(id, listOf(inputs.applyTos), listOf(before.applyTos));
      return (await read(id)) ?? {};
    },
    delete: async (id) => {
      const there = await read(id);
      if (there === undefined) return;
      await retarget(id, [], there.applyTos);
      await api().act("DELETE", pathOf(id));
    },
  };
};

/** A set of rules, with empty values for unset keys. */
function sameRules(there: unknown, wanted: unknown): boolean {
  const whole = (rule: Props) => ({
    port: "",
    description: "",
    ...given(rule),
    sourceIps: rule.sourceIps ?? [],
    destinationIps: rule.destinationIps ?? [],
  });
  return equal(listOf(there).map(whole), listOf(wanted).map(whole));
}
