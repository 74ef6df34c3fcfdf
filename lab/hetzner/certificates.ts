import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { command } from "../command.ts";
import { ApiError, invalid } from "./api-error.ts";
import type { Certificate } from "./objects.ts";
import type { Project } from "./project.ts";
import { bodyOf, LABELS, type Routes, routesOf } from "./routes.ts";

const Create = z.object({
  name: z.string().min(1),
  type: z.enum(["managed", "uploaded"]).optional(),
  domain_names: z.array(z.string()).optional(),
  certificate: z.string().optional(),
  private_key: z.string().optional(),
  labels: LABELS.optional(),
});

export function certificateRoutes(project: Project): Routes {
  const { certificates, actions } = project;
  const shown = (certificate: Certificate) => shownCertificate(project, certificate);
  return {
    ...routesOf(actions, {
      many: "certificates",
      items: certificates,
      shown,
      remove: (certificate) => {
        if (usersOf(project, certificate.id).length > 0)
          throw new ApiError("resource_in_use", `certificate with ID '${certificate.id}' is still in use`);
        certificates.remove(certificate.id);
        return undefined;
      },
    }),
    "POST /certificates": ({ body }) => {
      const wanted = bodyOf(Create, body);
      if (wanted.type !== "managed") return uploaded(project, wanted);
      if ((wanted.domain_names ?? []).length === 0) throw invalid("domain_names", "is needed");
      const certificate = certificates.add({
        ...project.item(wanted.name, wanted.labels),
        type: "managed",
        domains: wanted.domain_names ?? [],
        certificate: "",
        key: "",
        issuance: "pending",
        failure: null,
      });
      const failure = project.faults.takeFailure("issue_certificate");
      const action = actions.start("create_certificate", [{ id: certificate.id, type: "certificate" }], async () => {
        if (failure !== undefined) {
          Object.assign(certificate, { issuance: "failed", failure });
          throw new Error(failure.message);
        }
        Object.assign(certificate, await issued(certificate.domains), { issuance: "completed" });
      });
      return { status: 201, body: { certificate: shown(certificate), action } };
    },
  };
}

function uploaded(project: Project, { name, labels, certificate, private_key: key }: z.infer<typeof Create>) {
  if (certificate === undefined || key === undefined) throw invalid("certificate", "and private_key are required");
  const domains = (new X509Certificate(certificate).subjectAltName ?? "").split(", ").map((part) => part.replace("DNS:", ""));
  const made: Certificate = project.certificates.add({
    ...project.item(name, labels),
    type: "uploaded",
    domains,
    certificate,
    key,
    issuance: "completed",
    failure: null,
  });
  return { status: 201, body: { certificate: shownCertificate(project, made), action: null } };
}

/** Self-signed: a test that has to trust it reads it from the API. */
async function issued(domains: readonly string[]): Promise<{ certificate: string; key: string }> {
  const at = await mkdtemp(join(tmpdir(), "slipway-hetzner-"));
  const [key, certificate] = [join(at, "key"), join(at, "certificate")];
  try {
    await command([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...[
        "-days",
        "90",
        "-subj",
        `/CN=${domains[0]}`,
        "-addext",
        `subjectAltName=${domains.map((name) => `DNS:${name}`).join(",")}`,
      ],
      ...["-keyout", key, "-out", certificate],
    ] as [string, ...string[]]);
    return { key: await readFile(key, "utf8"), certificate: await readFile(certificate, "utf8") };
  } finally {
    await rm(at, { recursive: true, force: true });
  }
}

const usersOf = (project: Project, id: number): object[] =>
  project.loadBalancers.all
    .filter(({ services }) => services.some(({ http }) => http?.certificates.includes(id)))
    .map((balancer) => ({ id: balancer.id, type: "load_balancer" }));

function shownCertificate(project: Project, { key, domains, issuance, failure, ...certificate }: Certificate): object {
  const parsed = certificate.certificate === "" ? undefined : new X509Certificate(certificate.certificate);
  return {
    ...certificate,
    certificate: parsed === undefined ? null : certificate.certificate,
    domain_names: domains,
    fingerprint: parsed === undefined ? null : createHash("sha256").update(parsed.raw).digest("hex"),
    not_valid_before: parsed === undefined ? null : new Date(parsed.validFrom).toISOString(),
    not_valid_after: parsed === undefined ? null : new Date(parsed.validTo).toISOString(),
    status: certificate.type === "managed" ? { issuance, renewal: "unavailable", error: failure } : null,
    used_by: usersOf(project, certificate.id),
  };
}
