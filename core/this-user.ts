import { userInfo } from "node:os";

/**
 * The operator's home folder: HOME, or what passwd says if that is unset or empty. `/` for a user id without an entry in passwd.
 *
 * @example homeFolder({ HOME: "/github/home" }) // "/github/home"
 */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.HOME) return env.HOME;
  try {
    return userInfo().homedir || "/";
  } catch {
    return "/";
  }
}

/**
 * The home folder of the operator's account, whatever HOME says. Programs that ask passwd for it, as Pulumi does, keep their files there
 * also in a CI container whose HOME differs.
 *
 * @param account for tests: what passwd says
 */
export function accountHome(env: NodeJS.ProcessEnv = process.env, account: () => { homedir: string } = userInfo): string {
  try {
    return account().homedir || homeFolder(env);
  } catch {
    return homeFolder(env);
  }
}

/**
 * The operator's user name. For a user id without an entry in passwd, as in some CI containers: USER or LOGNAME, else `uid 12345`.
 *
 * @example userName() // "ann"
 */
export function userName(env: NodeJS.ProcessEnv = process.env): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER || env.LOGNAME || `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
