import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stage } from "./stage.ts";

/** How to go on by hand where the demo stopped; every line works when pasted into a shell in this folder. */
export function howToGoOn({ lab, host, stack, versions }: Stage): string {
  const { PULUMI_BACKEND_URL = "", PULUMI_CONFIG_PASSPHRASE = "", NODE_EXTRA_CA_CERTS = "" } = stack.env;
  const folder = dirname(fileURLToPath(PULUMI_BACKEND_URL));
  const ssh = `ssh -i ${lab.key.file} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@${host.address}`;
  return `
The lab and the stack stay up. To go on by hand, in this folder:

  export PULUMI_BACKEND_URL=${PULUMI_BACKEND_URL} PULUMI_CONFIG_PASSPHRASE=${PULUMI_CONFIG_PASSPHRASE}
  export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS}
  npm run pulumi -- preview --stack ${stack.name}
  npm run pulumi -- up --stack ${stack.name}

The config is stacks/Pulumi.${stack.name}.yaml. Back to version 1, for example:

  npm run pulumi -- config set slipway:image ${versions.v1.ref} --stack ${stack.name}
  npm run pulumi -- up --stack ${stack.name}

The app and its server:

  curl http://${host.address}/version
  ${ssh} docker ps

To take it all down:

  npm run pulumi -- destroy --yes --stack ${stack.name}
  npm run pulumi -- stack rm --yes ${stack.name}
  rm -r ${folder}
  npm run lab -- down
`;
}
