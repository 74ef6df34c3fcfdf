import { createHash } from "node:crypto";
import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";
import type { Project } from "./project.ts";
import { bodyOf, LABELS, type Routes, routesOf } from "./routes.ts";

const Create = z.object({ name: z.string().min(1), public_key: z.string(), labels: LABELS.optional() });

export function sshKeyRoutes(project: Project): Routes {
  const keys = project.sshKeys;
  return {
    ...routesOf(project.actions, {
      many: "ssh_keys",
      items: keys,
      shown: (key) => ({ ...key }),
      remove: ({ id }) => void keys.remove(id),
    }),
    "POST /ssh_keys": ({ body }) => {
      const { name, public_key, labels } = bodyOf(Create, body);
      const fingerprint = fingerprintOf(public_key);
      if (keys.all.some((other) => other.fingerprint === fingerprint))
        throw new ApiError("uniqueness_error", "SSH key not unique", { fields: [{ name: "public_key" }] });
      const key = keys.add({ ...project.item(name, labels), fingerprint, public_key });
      return { status: 201, body: { ssh_key: { ...key } } };
    },
  };
}

/** MD5 in pairs, Hetzner's fingerprint of a key. */
function fingerprintOf(line: string): string {
  const [type = "", key = ""] = line.trim().split(/\s+/);
  const bytes = Buffer.from(key, "base64");
  // An encoded key begins with the length and name of its type.
  const isKey = bytes.subarray(4, 4 + type.length).toString() === type && type !== "";
  if (!isKey) throw invalid("public_key", "is not a valid SSH public key");
  return (createHash("md5").update(bytes).digest("hex").match(/../g) ?? []).join(":");
}
