import { createRequire } from "node:module";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

/**
 * A Pulumi package that most stacks do not need, loaded on first use: the others need neither it nor its plugin.
 *
 * @param who what needs it, in the plural: `servers at Hetzner`
 */
export function optionalPackage(name: string, who: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (thrown) {
    throw new SlipwayError(
      {
        code: "PACKAGE_MISSING",
        what: `${who} need the package ${name}, which is not installed`,
        servesNow: NOTHING_TOUCHED,
        next: `npm install ${name}`,
      },
      { cause: thrown },
    );
  }
}

/** Whether a package can be loaded. */
export function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
