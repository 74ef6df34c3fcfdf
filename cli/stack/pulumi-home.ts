import { join } from "node:path";
import { accountHome } from "../../core/this-user.ts";

/** Where Pulumi keeps its logins and which stacks are selected. @param home for tests: that of the account */
export const pulumiHome = (env: NodeJS.ProcessEnv = process.env, home = accountHome(env)): string =>
  env.PULUMI_HOME || join(home, ".pulumi");
