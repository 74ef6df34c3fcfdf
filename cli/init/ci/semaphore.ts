import type { Pipeline } from "./pipeline.ts";
import { secretsOf } from "./secrets.ts";

/** What a comment may have; the rest is in the job's log. */
const MOST = 60_000;
const AGENT = "agent:\n  machine: { type: e2-standard-2, os_image: ubuntu2404 }";

export function semaphoreFiles(pipeline: Pipeline): Map<string, string> {
  return new Map([
    [".semaphore/semaphore.yml", main(pipeline)],
    [".semaphore/drift.yml", drift(pipeline)],
    [".semaphore/rollback.yml", rollback(pipeline)],
  ]);
}

const prologue = (folder: string, indent: string): string =>
  [
    "secrets: [{ name: slipway }]",
    "prologue:",
    "  commands:",
    "    - checkout",
    "    - git submodule update --init --recursive",
    "    - sem-version node 24",
    ...(folder === "." ? [] : [`    - cd ${folder}`]),
    "    - cache restore",
    "    - npm ci",
    "    - npx slipway install --yes",
  ]
    .map((line) => indent + line)
    .join("\n");

function main({ folder, stack, branch, state }: Pipeline): string {
  return `# The secret slipway of the organization has ${secretsOf({ state }).join(", ")}, and GH_TOKEN, a token for the repository that
# may write its contents and comment on pull requests.
version: v1.0
name: slipway
${AGENT}
global_job_config:
${prologue(folder, "  ")}
blocks:
  - name: preview
    dependencies: []
    run: { when: "pull_request =~ '.*'" }
    task:
      jobs:
        - name: preview
          commands:
            - code=0; npx slipway deploy --stack ${stack} --preview > /tmp/plan.txt 2>&1 || code=$?; cat /tmp/plan.txt
            - "{ echo '\`\`\`'; head -c ${MOST} /tmp/plan.txt; echo; echo '\`\`\`'; } | jq --raw-input --slurp '{ body: . }' > /tmp/comment.json"
            - >
              curl --fail --silent --show-error --output /dev/null --header "Authorization: Bearer $GH_TOKEN" --data @/tmp/comment.json
              "https://api.github.com/repos/$SEMAPHORE_GIT_REPO_SLUG/issues/$SEMAPHORE_GIT_PR_NUMBER/comments"
            # 4: there is something to do
            - '[ "$code" -eq 0 ] || [ "$code" -eq 4 ]'
  - name: deploy
    dependencies: []
    run: { when: "branch = '${branch}' AND pull_request !~ '.*'" }
    task:
      jobs:
        - name: deploy
          commands:
            - npx slipway deploy --stack ${stack}
            - cache store
promotions:
  - name: rollback
    pipeline_file: rollback.yml
`;
}

function drift({ folder, stack }: Pipeline): string {
  return `# A task of the project's settings starts it on a schedule.
version: v1.0
name: drift
${AGENT}
blocks:
  - name: drift
    task:
${prologue(folder, "      ")}
      jobs:
        - name: drift
          commands:
            # Exit code 4: a host runs something else than the last deploy has left there. The plan in the log says what.
            - npx slipway deploy --stack ${stack} --preview
`;
}

function rollback({ folder, stack, branch }: Pipeline): string {
  return `# A click on the promotion rollback starts it.
version: v1.0
name: rollback
${AGENT}
blocks:
  - name: rollback
    task:
${prologue(folder, "      ")}
      jobs:
        - name: rollback
          commands:
            - git fetch origin ${branch} && git checkout -B ${branch} FETCH_HEAD
            # TO, a parameter of the promotion: the release, as slipway releases numbers them.
            - npx slipway rollback --stack ${stack} --yes \${TO:+--to "$TO"}
            # What runs is in git as well, so that the next push does not undo it.
            - git add Pulumi.${stack}.yaml
            - git diff --cached --quiet || git -c user.name=ci -c user.email=ci@example.com commit --message "${stack} runs an earlier release [skip ci]"
            - git pull --rebase origin ${branch}
            - git push "https://ci:$GH_TOKEN@github.com/$SEMAPHORE_GIT_REPO_SLUG.git" HEAD:${branch}
`;
}
