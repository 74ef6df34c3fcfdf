/** The repository that a workflow on GitHub runs in: `https://github.com/acme/slipway`; undefined elsewhere. */
export const repositoryUrl = ({ GITHUB_SERVER_URL, GITHUB_REPOSITORY }: NodeJS.ProcessEnv): string | undefined =>
  GITHUB_SERVER_URL && GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : undefined;
