import { Deadline } from "../../../core/deadline.ts";
import type { Seconds } from "../../../core/words.ts";
import { ConnectionLost, type ProbeTarget } from "../../../hosts/index.ts";
import { type Candidate, CandidateFailed } from "../candidate.ts";
import type { HttpAnswer, Seen } from "./seen.ts";

/** A refusal waits no longer than this for what could explain it. */
export const READING: Seconds = 2;

/** Paths that answer in many apps, the most telling first. */
const PATHS = ["/up", "/healthz", "/health", "/"];

/**
 * The same failure with what only a look at the container shows, which the next step removes. A healthy deploy never gets here.
 *
 * @param target what its HTTP check asked
 * @param names host names that the app may answer to
 */
export async function readMore(
  candidate: Candidate,
  failed: CandidateFailed,
  target?: ProbeTarget,
  names: readonly string[] = [],
): Promise<CandidateFailed> {
  const { host, message, evidence, known } = failed;
  if (known.seen === undefined) return failed;
  const deadline = Deadline.in(READING);
  const [container, others] = await Promise.all([
    lookAt(candidate, deadline),
    target === undefined ? undefined : askOthers(candidate, target, names, known.seen, deadline),
  ]);
  return new CandidateFailed(host, message, evidence, { ...known, seen: { ...known.seen, ...container, others } });
}

/** What cannot be read in time is left out. */
async function unlessKnown<T>(question: Promise<T>, deadline: Deadline): Promise<T | undefined> {
  question.catch(() => {});
  try {
    return await deadline.race(question, () => new Error("too late"));
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    return undefined;
  }
}

async function lookAt({ host: { docker }, id }: Candidate, deadline: Deadline): Promise<Partial<Seen>> {
  const container = await unlessKnown(docker.inspect(id), deadline);
  if (container === undefined) return {};
  const image = await unlessKnown(docker.image(container.imageId), deadline);
  return {
    process: container.process,
    user: container.user,
    image: container.image,
    mounts: container.mounts.map(({ source, name, target, readOnly }) => ({ source: name ?? source, target, readOnly })),
    ...(image === undefined
      ? {}
      : {
          arch: image.arch,
          exposed: image.exposedPorts.flatMap((port) => (port.endsWith("/tcp") ? [Number.parseInt(port, 10)] : [])),
        }),
  };
}

/** Whether it answers to other paths, and under the names of its route: one question each, all at once. */
async function askOthers(
  { host }: Candidate,
  target: ProbeTarget,
  names: readonly string[],
  { asked }: Seen,
  deadline: Deadline,
): Promise<HttpAnswer[]> {
  // Without an HTTP answer there is nothing to compare.
  if (asked === undefined || !/^[34]\d\d$/.test(asked.said)) return [];
  const onward = redirectIn(asked);
  const paths = [...(onward === undefined ? [] : [onward]), ...PATHS].filter((path) => path !== target.path);
  const tries = [
    ...paths.map((path) => ({ ...target, path })),
    ...names
      .filter((name) => !name.includes("*"))
      .slice(0, 2)
      .map((name) => ({ ...target, host: name })),
  ];
  const answers = tries.map(async (one): Promise<HttpAnswer | undefined> => {
    const answer = await unlessKnown(host.probe(one, READING), deadline);
    return answer && { path: one.path, host: one.host, said: String(answer.status), location: answer.location };
  });
  return (await Promise.all(answers)).flatMap((answer) => answer ?? []);
}

/** The path that an answer redirects to on the same server. */
function redirectIn({ location }: HttpAnswer): string | undefined {
  if (location === undefined || location.startsWith("https:")) return undefined;
  const url = URL.parse(location, "http://app");
  return url === null ? undefined : `${url.pathname}${url.search}`;
}
