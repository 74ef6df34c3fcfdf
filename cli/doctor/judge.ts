import { type Facts, nameOf } from "./facts.ts";
import { judgeHost } from "./judge-host.ts";
import { judgeStack } from "./judge-stack.ts";
import type { Judged } from "./judged.ts";
import type { DoctorReport, Finding } from "./report.ts";

/** What the facts mean for a release. Pure. */
export function reportOn(facts: Facts): DoctorReport {
  const findings = [
    ...judgeStack(facts).map((judged) => written(null, judged)),
    ...facts.hosts.flatMap((host) => judgeHost(host, facts).map((judged) => written(nameOf(host), judged))),
  ];
  return { schema: 1, stack: facts.stack, service: facts.config.service, verdict: verdictOn(findings), findings };
}

const written = (host: string | null, { check, result, found, evidence = [], next }: Judged): Finding => ({
  ...{ host, check, result, found },
  ...{ evidence: [...evidence], next: next ?? null },
});

function verdictOn(findings: readonly Finding[]): DoctorReport["verdict"] {
  const results = new Set(findings.map(({ result }) => result));
  if (results.has("wrong")) return "not ready";
  return results.has("warning") ? "ready with warnings" : "ready";
}
