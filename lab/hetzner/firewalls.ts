import { z } from "zod";
import type { Action } from "./actions.ts";
import { ApiError, invalid } from "./api-error.ts";
import type { Firewall, FirewallTarget, Server } from "./objects.ts";
import type { Project } from "./project.ts";
import { bodyOf, LABELS, type Routes, routesOf } from "./routes.ts";
import { fits } from "./selector.ts";

const Rule = z
  .object({
    direction: z.enum(["in", "out"]),
    protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
    port: z.string().nullish(),
    source_ips: z.array(z.string()).optional(),
    destination_ips: z.array(z.string()).optional(),
    description: z.string().nullish(),
  })
  .transform((rule, at) => {
    const hasPort = rule.protocol === "tcp" || rule.protocol === "udp";
    if (hasPort !== (rule.port != null))
      at.addIssue({
        code: "custom",
        path: ["port"],
        message: `${hasPort ? "is required" : "is not allowed"} for ${rule.protocol}`,
      });
    const missing = rule.direction === "in" ? rule.source_ips : rule.destination_ips;
    if (missing === undefined || missing.length === 0)
      at.addIssue({ code: "custom", path: [rule.direction === "in" ? "source_ips" : "destination_ips"], message: "is required" });
    return {
      direction: rule.direction,
      protocol: rule.protocol,
      port: rule.port ?? null,
      source_ips: rule.source_ips ?? [],
      destination_ips: rule.destination_ips ?? [],
      description: rule.description ?? null,
    };
  });
const AppliedTo = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server"), server: z.object({ id: z.number() }) }),
  z.object({ type: z.literal("label_selector"), label_selector: z.object({ selector: z.string() }) }),
]);
const Create = z.object({
  name: z.string().min(1),
  labels: LABELS.optional(),
  rules: z.array(Rule).max(50).optional(),
  apply_to: z.array(AppliedTo).optional(),
});
const SetRules = z.object({ rules: z.array(Rule).max(50) });
const ApplyTo = z.object({ apply_to: z.array(AppliedTo).min(1) });
const RemoveFrom = z.object({ remove_from: z.array(AppliedTo).min(1) });

export function firewallRoutes(project: Project): Routes {
  const { firewalls, actions } = project;
  const shown = ({ appliedTo, ...firewall }: Firewall) => ({
    ...firewall,
    applied_to: appliedTo.map((target) =>
      target.type === "server" ? target : { ...target, applied_to_resources: selected(project, target.label_selector.selector) },
    ),
  });
  const on = ({ id }: Firewall) => [{ id, type: "firewall" }] as const;
  return {
    ...routesOf(actions, {
      many: "firewalls",
      items: firewalls,
      shown,
      remove: ({ id, appliedTo }) => {
        if (appliedTo.length > 0) throw new ApiError("resource_in_use", `firewall with ID '${id}' is still in use`);
        firewalls.remove(id);
        return undefined;
      },
    }),
    "POST /firewalls": ({ body }) => {
      const { name, labels, rules = [], apply_to = [] } = bodyOf(Create, body);
      const firewall = firewalls.add({ ...project.item(name, labels), rules, appliedTo: [] });
      for (const target of apply_to) apply(project, firewall, target);
      return { status: 201, body: { firewall: shown(firewall), actions: [] } };
    },
    "POST /firewalls/:id/actions/set_rules": ({ parts, body }) => {
      const firewall = firewalls.get(Number(parts[0]));
      const { rules } = bodyOf(SetRules, body);
      return several(actions.start("set_firewall_rules", on(firewall), () => void Object.assign(firewall, { rules })));
    },
    "POST /firewalls/:id/actions/apply_to_resources": ({ parts, body }) => {
      const firewall = firewalls.get(Number(parts[0]));
      const { apply_to } = bodyOf(ApplyTo, body);
      for (const target of apply_to) mustApply(project, firewall, target);
      return several(
        actions.start("apply_firewall", on(firewall), () => {
          for (const target of apply_to) apply(project, firewall, target);
        }),
      );
    },
    "POST /firewalls/:id/actions/remove_from_resources": ({ parts, body }) => {
      const firewall = firewalls.get(Number(parts[0]));
      const { remove_from } = bodyOf(RemoveFrom, body);
      return several(
        actions.start("remove_firewall", on(firewall), () => {
          const gone = new Set(remove_from.map(keyOf));
          firewall.appliedTo = firewall.appliedTo.filter((target) => !gone.has(keyOf(target)));
        }),
      );
    },
  };
}

/** The firewalls that protect a server, by its id or by its labels. */
export const firewallsOf = (project: Project, server: Server): Firewall[] =>
  project.firewalls.all.filter(({ appliedTo }) =>
    appliedTo.some((target) =>
      target.type === "server" ? target.server.id === server.id : fits(target.label_selector.selector, server.labels),
    ),
  );

/** Removes the references to a deleted server. */
export function forgetServer(project: Project, id: number): void {
  for (const firewall of project.firewalls.all)
    firewall.appliedTo = firewall.appliedTo.filter((target) => target.type !== "server" || target.server.id !== id);
}

function mustApply(project: Project, firewall: Firewall, target: FirewallTarget): void {
  if (target.type === "server" && project.servers.find(target.server.id) === undefined)
    throw new ApiError("firewall_resource_not_found", `server with ID '${target.server.id}' not found`);
  if (firewall.appliedTo.some((one) => keyOf(one) === keyOf(target)))
    throw new ApiError("firewall_already_applied", "firewall was already applied on this resource");
}

/** Applies a firewall to a server or a selector. */
export function apply(project: Project, firewall: Firewall, target: FirewallTarget): void {
  mustApply(project, firewall, target);
  if (target.type === "label_selector" && target.label_selector.selector === "") throw invalid("selector", "is empty");
  firewall.appliedTo.push(target);
}

const several = (...started: Action[]) => ({ status: 201, body: { actions: started } });

const keyOf = (target: FirewallTarget): string =>
  target.type === "server" ? `server:${target.server.id}` : `selector:${target.label_selector.selector}`;

const selected = (project: Project, selector: string): object[] =>
  project.servers.all.filter(({ labels }) => fits(selector, labels)).map(({ id }) => ({ type: "server", server: { id } }));
