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
