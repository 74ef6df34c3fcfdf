import * as pulumi from "@pulumi/pulumi";
import type { Seconds } from "../../core/words.ts";

/** How long a new machine may take to boot and set itself up. */
export const BOOT_TIMEOUT: Seconds = 600;

/** Addresses of existing machines that are outputs only so that what takes them waits for something. */
const ofExisting = new WeakSet<object>();

/** An address that another resource makes may be that of a new machine; an existing one fails at once if it is unreachable. */
export const patienceAt = (address: pulumi.Input<string>): Seconds =>
  pulumi.Output.isInstance(address) && !ofExisting.has(address) ? BOOT_TIMEOUT : 0;

/** Is as patient as with `address`. @param later the same address, as an output */
export function asPatient(address: pulumi.Input<string>, later: pulumi.Output<string>): pulumi.Output<string> {
  if (patienceAt(address) === 0) ofExisting.add(later);
  return later;
}
