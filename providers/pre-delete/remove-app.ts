import type { Run } from "../pulumi/provider.ts";
import { anyRelease } from "../release/remains.ts";
import { withdrawRelease } from "../release/withdraw.ts";
import { beforeServer } from "../steps/withdraw.ts";
import type { PreDeleteInputs } from "./inputs.ts";

/** Removes the app from the host: routes, containers and images of whichever release. */
export const removeApp = ({ host, ...app }: PreDeleteInputs, run: Run): Promise<void> =>
  beforeServer({ host, what: "the app" }, run, () => withdrawRelease(anyRelease({ ...app, hosts: { [host.name]: host } }), run));
