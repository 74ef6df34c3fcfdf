import { type Ci, ciFiles } from "../cli/init/ci/ci.ts";

const INTRODUCTION = `# Deployed by every push

\`slipway init --ci github\` (or \`gitlab\`, \`semaphore\`) writes these files, for one stack that each push to the default branch is deployed to. Run again in a project
that exists, it only adds them. For staging, a click, and the same image on production, see [ci.md](ci.md).

| on | what runs |
|---|---|
| a pull request | \`slipway deploy --preview\`; the plan becomes a comment |
| a push to the default branch | \`slipway deploy\`: the image is built if files of the context have changed |
| each morning | \`slipway deploy --preview\` again: it fails with exit code 4 if a host runs something else than the last deploy has left there |
| a start by hand | \`slipway rollback\`, to the previous release or to the one that is named; what it writes into the stack's file is committed, so that the next push does not undo it |

## Before

1. **State** that all jobs share: \`slipway init --state "s3://acme-pulumi?region=eu-central-1"\`, or \`--state cloud\`; one that is in a folder is moved as
   [state.md](state.md#from-this-folder-to-a-bucket) says.
2. **The passphrase** of the stack, and the keys of the bucket (or a token of Pulumi Cloud), as secrets of the CI under the names in the file:

   \`\`\`sh
   gh secret set PULUMI_CONFIG_PASSPHRASE < .pulumi/passphrase
   \`\`\`

   [state.md](state.md#the-passphrase) has it for the others.
3. **A key for the servers**, a secret of the stack: no job has one of its own.

   \`\`\`sh
   ssh-keygen -q -t ed25519 -N '' -C ci -f ci_key
   ssh-copy-id -i ci_key deploy@203.0.113.10
   npx slipway pulumi config set --secret --path 'slipway:secrets.DEPLOY_KEY' < ci_key
   npx slipway pulumi config set --path 'slipway:ssh.key_data[0]' DEPLOY_KEY
   rm ci_key ci_key.pub
   \`\`\`

   The servers' host keys are in the stack's file already.
4. \`package-lock.json\` of the project is committed: \`npm ci\` needs it.

A runner is a new machine each time. Without a registry each build begins without a cache, and the servers get the image from the runner, through SSH. With
\`slipway init --image ghcr.io/acme/shop\` the image is pushed, and every build has the layers of the last one.

What each exit code means is in [ci.md](ci.md#what-a-job-ends-with). The files below are for a project in \`deploy/\` of the repository with its state in S3; this page is generated from
\`cli/init/ci/\` by \`node tools/docs.ts\`.
`;

const TITLES: readonly (readonly [Ci, string])[] = [
  ["github", "GitHub Actions"],
  ["gitlab", "GitLab CI"],
  ["semaphore", "Semaphore"],
];

/** docs/workflows.md */
export function workflowsPage(): string {
  const pipeline = { folder: "deploy", stack: "production", branch: "main", state: "s3" } as const;
  const chapters = TITLES.map(([ci, title]) => {
    const files = [...ciFiles(ci, pipeline)].map(([path, text]) => `\`${path}\`:\n\n\`\`\`yaml\n${text}\`\`\`\n`);
    return `## ${title}\n\n${files.join("\n")}`;
  });
  return [INTRODUCTION, ...chapters].join("\n");
}
