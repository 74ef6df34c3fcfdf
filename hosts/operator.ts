import { hostname, userInfo } from "node:os";

/** Who is at work, for leases and those who wait for one: `user@machine`. */
export const operator = (): string => `${userInfo().username}@${hostname()}`;
