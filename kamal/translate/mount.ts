/** A mount of Docker's option `--mount` as a volume or tmpfs. */
export type MountOption =
  | { readonly kind: "volume"; readonly text: string }
  | { readonly kind: "tmpfs"; readonly text: string }
  | { readonly kind: "other"; readonly says: string };

const DRIVER =
  "a volume with a driver or options of its own: create it on the hosts by `docker volume create`, and write name:target under volumes";

/** @example mountOf("type=bind,src=/srv/data,dst=/data,readonly") // { kind: "volume", text: "/srv/data:/data:ro" } */
export function mountOf(text: string): MountOption {
  const fields = text.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  const pairs = fields.map((field) => field.split("=", 2) as [string, string?]);
  const value = (...names: string[]) => pairs.find(([name]) => names.includes(name))?.[1];
  const target = value("dst", "destination", "target");
  const source = value("src", "source");
  const known = ["type", "src", "source", "dst", "destination", "target", "readonly", "ro"];
  if (target === undefined) return { kind: "other", says: "is a mount without a target: write it under volumes" };
  if (pairs.some(([name]) => !known.includes(name))) return { kind: "other", says: DRIVER };
  if (value("type") === "tmpfs") return { kind: "tmpfs", text: target };
  if (source === undefined) return { kind: "other", says: "is a volume without a name: give it one, under volumes" };
  const isReadOnly = pairs.some(([name, of]) => (name === "readonly" || name === "ro") && of !== "false");
  return { kind: "volume", text: `${source}:${target}${isReadOnly ? ":ro" : ""}` };
}
