import type { Pipeline } from "./pipeline.ts";
import { secretsOf } from "./secrets.ts";

/** What a comment may have; the rest is in the job's log. */
const MOST = 60_000;

export function githubFiles(pipeline: Pipeline): Map<string, string> {
  return new Map([[".github/workflows/slipway.yml", workflow(pipeline)]]);
}

function workflow({ folder, stack, branch, state }: Pipeline): string {
  const lock = folder === "." ? "package-lock.json" : `${folder}/package-lock.json`;
  const env = secretsOf({ state }).map((name) => `  ${name}: \${{ secrets.${name} }}`);
  const prepare = [
    "      - uses: actions/setup-node@v5",
    `        with: { node-version: 24, cache: npm, cache-dependency-path: ${lock} }`,
    "      - uses: actions/cache@v4",
    `        with: { path: ~/.cache/slipway/pulumi, key: "pulumi-\${{ hashFiles('${lock}') }}" }`,
    "      - run: npm ci",
    "      - run: npx slipway install --yes",
  ].join("\n");
  const checkout = "      - uses: actions/checkout@v5\n        with: { submodules: recursive }";
  return `name: slipway
on:
  push: { branches: [${branch}] }
  pull_request:
  schedule: [{ cron: "23 5 * * *" }] # looks for drift
  workflow_dispatch: # a rollback by hand
    inputs:
      to: { description: "Release to go back to, as slipway releases numbers them; empty is the previous one", required: false, type: string }
${folder === "." ? "" : `defaults: { run: { working-directory: ${folder} } }\n`}env:
${env.join("\n")}

jobs:
  preview:
    # A fork gets no secrets.
    if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    permissions: { contents: read, pull-requests: write }
    steps:
${checkout}
${prepare}
      - run: |
          code=0
          npx slipway deploy --stack ${stack} --preview > "$RUNNER_TEMP/plan.txt" 2>&1 || code=$?
          cat "$RUNNER_TEMP/plan.txt"
          { echo '\`\`\`'; head -c ${MOST} "$RUNNER_TEMP/plan.txt"; echo; echo '\`\`\`'; } > "$RUNNER_TEMP/comment.md"
          gh pr comment "$PR" --edit-last --create-if-none --body-file "$RUNNER_TEMP/comment.md"
          # 4: there is something to do
          [ "$code" -eq 0 ] || [ "$code" -eq 4 ]
        env:
          GH_TOKEN: \${{ github.token }}
          PR: \${{ github.event.pull_request.number }}

  deploy:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    environment: ${stack}
    concurrency: { group: ${stack} }
    permissions: { contents: read }
    steps:
${checkout}
${prepare}
      - run: npx slipway deploy --stack ${stack}

  drift:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    permissions: { contents: read }
    steps:
${checkout}
${prepare}
      # Exit code 4: a host runs something else than the last deploy has left there. The plan in the log says what.
      - run: npx slipway deploy --stack ${stack} --preview

  rollback:
    if: github.event_name == 'workflow_dispatch'
    runs-on: ubuntu-latest
    environment: ${stack}
    concurrency: { group: ${stack} }
    permissions: { contents: write }
    steps:
      - uses: actions/checkout@v5
        with: { ref: ${branch} }
${prepare}
      - run: npx slipway rollback --stack ${stack} --yes \${TO:+--to "$TO"}
        env:
          TO: \${{ inputs.to }}
      # What runs is in git as well, so that the next push does not undo it. A push with this token starts no workflow.
      - run: |
          git add Pulumi.${stack}.yaml
          git diff --cached --quiet && exit 0
          git -c user.name=ci -c user.email=ci@example.com commit --message "${stack} runs an earlier release"
          git pull --rebase origin ${branch}
          git push origin HEAD:${branch}
`;
}
