import { checkHost } from "./check-host.ts";
import type { CheckResult } from "./check-result.ts";
import { checkStack } from "./check-stack.ts";
import { type Facts, nameOf } from "./facts.ts";
import type { DoctorReport, Finding } from "./report.ts";

/** Runs all checks on the facts. Pure. */
export function reportOn(facts: Facts): DoctorReport {
  const findings = [
    ...checkStack(facts).map((result) => written(null, result)),
    ...facts.hosts.flatMap((host) => checkHost(host, facts).map((result) => written(nameOf(host), result))),
  ];
  return { schema: 1, stack: facts.stack, service: facts.config.service, verdict: verdictOn(findings), findings };
}

const written = (host: string | null, { check, result, found, evidence = [], next }: CheckResult): Finding => ({
  host,
  check,
  result,
  found,
  evidence: [...evidence],
  next: next ?? null,
});

function verdictOn(findings: readonly Finding[]): DoctorReport["verdict"] {
  const results = new Set(findings.map(({ result }) => result));
  if (results.has("wrong")) return "not ready";
  return results.has("warning") ? "ready with warnings" : "ready";
}
