import { nodeAt, type Path, type Tree } from "../yaml/tree.ts";

/** An accessory, as far as others depend on it. */
export interface AccessoryFacts {
  readonly name: string;
  /** Of its container: Kamal puts no destination into it. */
  readonly container: string;
  readonly hosts: readonly string[];
  /** Whether other machines reach its port. */
  readonly isOpen: boolean;
}

/** What the translation of one section has to know of the others. */
export interface Facts {
  readonly service: string;
  readonly destination: string | undefined;
  /** Role → its hosts. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly primaryRole: string;
  readonly accessories: readonly AccessoryFacts[];
  /** The only CPU that the image is built for. */
  readonly arch: string | undefined;
  /** Of SSH. */
  readonly user: string;
  readonly registry: RegistryFacts;
  /** Keys of Kamal 1 are in it. */
  readonly isKamal1: boolean;
  /** Whether kamal-proxy gets a host name from `proxy` itself. */
  readonly hasHost: boolean;
}

export type RegistryFacts =
  /** `localhost:5555`, which Kamal starts, or none. */
  | { readonly kind: "none" }
  | { readonly kind: "login"; readonly server: string; readonly path: string }
  /** A server without a login. */
  | { readonly kind: "open"; readonly server: string; readonly path: string };

export function factsOf(root: Tree, destination: string | undefined): Facts {
  const service = textAt(root, ["service"]) ?? "";
  const roles = rolesOf(root);
  const accessories = accessoriesOf(root, service, roles);
  return {
    service,
    destination,
    roles,
    primaryRole: textAt(root, ["primary_role"]) ?? "web",
    accessories,
    arch: textAt(root, ["builder", "arch"]),
    user: textAt(root, ["ssh", "user"]) ?? "root",
    registry: registryOf(root),
    isKamal1: ["healthcheck", "traefik"].some((key) => nodeAt(root, [key]) !== undefined),
    hasHost: ["host", "hosts"].some((key) => nodeAt(root, ["proxy", key]) !== undefined),
  };
}

export const textAt = (root: Tree, path: Path): string | undefined => {
  const node = nodeAt(root, path);
  return node?.kind === "scalar" && node.is !== "null" ? node.text : undefined;
};

function rolesOf(root: Tree): Map<string, readonly string[]> {
  const servers = nodeAt(root, ["servers"]);
  if (servers?.kind === "list") return new Map([["web", hostsIn(servers)]]);
  if (servers?.kind !== "map") return new Map();
  return new Map(
    servers.entries.map(({ key, value }) => [key, hostsIn(value.kind === "map" ? nodeAt(value, ["hosts"]) : value)]),
  );
}

/** Of a list of hosts, or of hosts with tags. */
export function hostsIn(node: Tree | undefined): string[] {
  if (node?.kind === "scalar") return node.is === "null" ? [] : [node.text];
  if (node?.kind !== "list") return [];
  return node.items.flatMap(({ value }) => {
    if (value.kind === "scalar") return [value.text];
    return value.kind === "map" ? value.entries.slice(0, 1).map(({ key }) => key) : [];
  });
}

function accessoriesOf(root: Tree, service: string, roles: ReadonlyMap<string, readonly string[]>): AccessoryFacts[] {
  const accessories = nodeAt(root, ["accessories"]);
  if (accessories?.kind !== "map") return [];
  return accessories.entries.map(({ key: name, value }) => {
    const named = ["role", "roles"].flatMap((key) => hostsIn(nodeAt(value, [key])));
    const hosts = ["host", "hosts"].flatMap((key) => hostsIn(nodeAt(value, [key])));
    const port = textAt(value, ["port"]);
    return {
      name,
      container: textAt(value, ["service"]) ?? `${service}-${name}`,
      hosts: [...new Set([...hosts, ...named.flatMap((role) => roles.get(role) ?? [])])],
      isOpen: port !== undefined && !/^(?:127\.|\[::1\]|localhost)/.test(port),
    };
  });
}

function registryOf(root: Tree): RegistryFacts {
  const written = textAt(root, ["registry", "server"]);
  if (/^localhost(:\d+)?$/.test(written ?? "")) return { kind: "none" };
  const [server = "docker.io", ...path] = written?.split("/") ?? [];
  const hasLogin = nodeAt(root, ["registry", "username"]) !== undefined && nodeAt(root, ["registry", "password"]) !== undefined;
  if (nodeAt(root, ["registry"]) === undefined) return { kind: "none" };
  return { kind: hasLogin ? "login" : "open", server, path: path.join("/") };
}
