import { hostname, userInfo } from "node:os";

/** Who runs this process: `user@machine`. Shown to those who wait for a lease. */
export const operator = (): string => `${userInfo().username}@${hostname()}`;
