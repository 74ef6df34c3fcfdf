import { hostname } from "node:os";
import { userName } from "./this-user.ts";

/**
 * Who runs this process, and for which stack: `user@machine`; in a CI job who has started it, and which job it is. Shown to those who wait for
 * a lease, and in the journal of each host.
 *
 * @example operator("shop/production") // "ann@laptop (shop/production)", "octocat@github-actions#8812 (shop/production)"
 */
export const operator = (stack?: string, env: NodeJS.ProcessEnv = process.env): string =>
  `${actorOf(env) ?? `${userName(env)}@${hostname()}`}${stack === undefined || stack === "" ? "" : ` (${stack})`}`;

/** What a CI system says of its job. The machine of a job and its user say nothing: they are the same for everyone. */
interface Job {
  readonly system: string;
  /** Set in each of its jobs. */
  readonly mark: string;
  readonly actor: string;
  readonly id: string;
}

const JOBS: readonly Job[] = [
  { system: "github-actions", mark: "GITHUB_ACTIONS", actor: "GITHUB_ACTOR", id: "GITHUB_RUN_ID" },
  { system: "gitlab-ci", mark: "GITLAB_CI", actor: "GITLAB_USER_LOGIN", id: "CI_JOB_ID" },
  { system: "buildkite", mark: "BUILDKITE", actor: "BUILDKITE_BUILD_CREATOR", id: "BUILDKITE_BUILD_NUMBER" },
  { system: "circleci", mark: "CIRCLECI", actor: "CIRCLE_USERNAME", id: "CIRCLE_BUILD_NUM" },
  { system: "azure-pipelines", mark: "TF_BUILD", actor: "BUILD_REQUESTEDFOR", id: "BUILD_BUILDID" },
];

function actorOf(env: NodeJS.ProcessEnv): string | undefined {
  const job = JOBS.find(({ mark }) => env[mark]);
  const actor = job && env[job.actor];
  if (job === undefined || !actor) return undefined;
  const id = env[job.id];
  return `${actor}@${job.system}${id ? `#${id}` : ""}`;
}
