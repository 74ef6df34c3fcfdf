import { type NewcomerRow, PHASES, type PhaseName } from "../newcomer/result.ts";
import type { Circumstances } from "../result.ts";
import { figure, table } from "./markdown.ts";
import { measuredOn } from "./measured-on.ts";

const MEANT: Readonly<Record<PhaseName, string>> = {
  start: "Node, the engine and the program, until the first work begins",
  docker: "packages of Docker, from a mirror beside the host, its start, and the login to the proxy's registry",
  proxy: "kamal-proxy is pulled and started",
  build: "`docker buildx build` on this machine",
  transfer: "the image from this machine to the host",
  release: "the rest of the release, until the app's first 200",
};

/** The section about the first deploy of all. @param at when and where it was measured, if not with the rest of the page */
export const newcomerSection = (row: NewcomerRow | undefined, at: Circumstances | undefined): string =>
  `## From a Dockerfile to the first answer

A folder with an app and its Dockerfile, a new server without Docker, no registry for the app: one \`slipway deploy\` of the installed package, which has no cache
yet. The Dockerfile copies a program onto \`scratch\`, so that the build is short, and its time is Docker's; Debian's packages and the proxy's image come from
beside the host, so a server on the internet adds its download.

${row === undefined ? "That was not measured here." : `${measuredOn(at)}${phasesText(row)}`}`;

function phasesText({ rounds, first_answer_s, wall_s, phases }: NewcomerRow): string {
  const rows = PHASES.flatMap((name) => {
    const found = phases.find(({ phase }) => phase === name);
    return found === undefined ? [] : [[`${name}: ${MEANT[name]}`, figure(found.from_s), figure(found.to_s)]];
  });
  return `The first answer comes **${first_answer_s.toFixed(1)} s** after Enter, the prompt after ${wall_s.toFixed(1)} s; medians of ${rounds}:

${table(["phase", "from, s", "to, s"], rows)}`;
}
