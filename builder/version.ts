/** What a version may come from. */
export interface VersionSources {
  /** `SLIPWAY_VERSION`. */
  readonly given: string | undefined;
  /** The commit that is checked out, short. */
  readonly commit: string | undefined;
  /** Whether what is built differs from it. */
  readonly isDirty: boolean;
  /** The commit that a CI's variables name, where there is no repository beside the files. */
  readonly ci: string | undefined;
  /** The hash of what is built. */
  readonly content: string;
}

const SHORT = 8;

/**
 * The version that a build gets: the same for the same content of the same commit, on every machine. Pure.
 *
 * @example versionOf({ given: undefined, commit: "3f2a1b9", isDirty: true, ci: undefined, content: "04bd77aa…" }) // "3f2a1b9-04bd77aa"
 */
export function versionOf({ given, commit, isDirty, ci, content }: VersionSources): string {
  const own = content.slice(0, SHORT);
  if (given !== undefined && given !== "") return given;
  if (commit !== undefined) return isDirty ? `${commit}-${own}` : commit;
  return ci === undefined || ci === "" ? own : ci.slice(0, SHORT);
}

/** The variables in which CIs name the commit. */
export const commitOfCi = (env: NodeJS.ProcessEnv): string | undefined =>
  env.GITHUB_SHA ?? env.CI_COMMIT_SHA ?? env.SEMAPHORE_GIT_SHA ?? env.CIRCLE_SHA1 ?? env.BUILDKITE_COMMIT;
