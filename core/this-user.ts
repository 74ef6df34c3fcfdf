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
