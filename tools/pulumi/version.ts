/** The Pulumi CLI that Slipway is built and tested with: the same as `@pulumi/pulumi` in package.json and the module in cli/go.mod. */
export const PULUMI_VERSION = "3.259.0";

/** Whether `found` (`v3.260.1`, `3.259.0-dev`) is `wanted` or newer. False for an unreadable version. */
export function isAtLeast(found: string, wanted: string): boolean {
  const [ours, theirs] = [numbersOf(found), numbersOf(wanted)];
  if (ours === undefined || theirs === undefined) return false;
  const differing = ours.findIndex((part, at) => part !== theirs[at]);
  return differing === -1 || (ours[differing] ?? 0) > (theirs[differing] ?? 0);
}

function numbersOf(version: string): number[] | undefined {
  return /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim())?.slice(1).map(Number);
}
