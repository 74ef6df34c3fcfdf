import { execFile } from "node:child_process";
import { userName } from "../../../core/this-user.ts";
import type { Milliseconds } from "../../../core/words.ts";

const TIMEOUT: Milliseconds = 2000;

/** Who deploys, as Kamal says it: the e-mail address of git, else the name of the user. */
export const performerIn = (folder: string): Promise<string> =>
  new Promise((resolve) => {
    execFile("git", ["-C", folder, "config", "user.email"], { timeout: TIMEOUT }, (error, stdout) => {
      const email = error === null ? stdout.trim() : "";
      resolve(email === "" ? userName() : email);
    });
  });
