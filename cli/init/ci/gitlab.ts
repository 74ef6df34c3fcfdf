import type { Pipeline } from "./pipeline.ts";
import { secretsOf } from "./secrets.ts";

/** What a comment may have; the rest is in the job's log. */
const MOST = 60_000;

export function gitlabFiles(pipeline: Pipeline): Map<string, string> {
  return new Map([[".gitlab-ci.yml", workflow(pipeline)]]);
}

function workflow({ folder, stack, branch, state }: Pipeline): string {
  const lock = folder === "." ? "package-lock.json" : `${folder}/package-lock.json`;
  const root = "$CI_PROJECT_DIR";
  return `# Variables of the project, masked and protected: ${secretsOf({ state }).join(", ")}, and API_TOKEN, a project access token
# with the scopes api and write_repository. A pipeline on a schedule looks for drift.
stages: [preview, deploy, rollback]

default:
  image: node:24-trixie
  cache:
    key: { files: [${lock}] }
    paths: [.cache/slipway/pulumi, .cache/npm]
  before_script:
${folder === "." ? "" : `    - cd ${folder}\n`}    - npm ci --cache "$XDG_CACHE_HOME/npm"
    - npx slipway install --yes

variables:
  XDG_CACHE_HOME: $CI_PROJECT_DIR/.cache
  GIT_SUBMODULE_STRATEGY: recursive

preview:
  stage: preview
  rules: [{ if: $CI_PIPELINE_SOURCE == "merge_request_event" }]
  script:
    - |
      code=0
      npx slipway deploy --stack ${stack} --preview > ${root}/.cache/plan.txt 2>&1 || code=$?
      cat ${root}/.cache/plan.txt
      { echo '\`\`\`'; head -c ${MOST} ${root}/.cache/plan.txt; echo; echo '\`\`\`'; } > ${root}/.cache/comment.md
      curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $API_TOKEN" --data-urlencode "body@${root}/.cache/comment.md" "$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
      # 4: there is something to do
      [ "$code" -eq 0 ] || [ "$code" -eq 4 ]

deploy:
  stage: deploy
  rules: [{ if: $CI_COMMIT_BRANCH == "${branch}" && $CI_PIPELINE_SOURCE != "schedule" }]
  resource_group: ${stack}
  environment: ${stack}
  # Without TLS: only this job reaches the service, and a builder of docker buildx takes no certificates from variables.
  services: [{ name: docker:dind, variables: { DOCKER_TLS_CERTDIR: "" } }]
  variables: { DOCKER_HOST: "tcp://docker:2375" }
  script:
    - apt-get update && apt-get install --yes --no-install-recommends docker-cli docker-buildx
    - npx slipway deploy --stack ${stack}

drift:
  stage: preview
  rules: [{ if: $CI_PIPELINE_SOURCE == "schedule" }]
  script:
    # Exit code 4: a host runs something else than the last deploy has left there. The plan in the log says what.
    - npx slipway deploy --stack ${stack} --preview

rollback:
  stage: rollback
  rules: [{ if: $CI_COMMIT_BRANCH == "${branch}" && $CI_PIPELINE_SOURCE != "schedule", when: manual, allow_failure: true }]
  resource_group: ${stack}
  environment: ${stack}
  script:
    - git fetch origin ${branch} && git checkout -B ${branch} FETCH_HEAD
    # TO, a variable that is set when the job is started by hand: the release, as slipway releases numbers them.
    - npx slipway rollback --stack ${stack} --yes \${TO:+--to "$TO"}
    # What runs is in git as well, so that the next push does not undo it. ci.skip: this push starts no pipeline.
    - |
      git add Pulumi.${stack}.yaml
      git diff --cached --quiet && exit 0
      git -c user.name=ci -c user.email=ci@example.com commit --message "${stack} runs an earlier release"
      git pull --rebase origin ${branch}
      git push -o ci.skip "https://ci:$API_TOKEN@$CI_SERVER_HOST/$CI_PROJECT_PATH.git" HEAD:${branch}
`;
}
