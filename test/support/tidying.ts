import { expect } from "vitest";

const REMOVAL = String.raw`remove the image shop@sha256:[0-9a-f]{8}… \(no container uses it\)`;
/** `web-1`, `web-1, web-3`, `web-1 … web-3` */
const HOSTS = String.raw`\S+(?: … \S+)?(?:, \S+(?: … \S+)?)*`;
const LINE = new RegExp(`^ {2}${HOSTS} {2,}${REMOVAL}( · ${REMOVAL})*$`);

/** Everything is as declared, except for images to remove that a refused release pulled. */
export function expectOnlyImagesToRemove(preview: string): void {
  const [headline, ...hosts] = preview.split("\n");
  expect(headline).toMatch(/^release /);
  expect(hosts).not.toEqual([]);
  for (const line of hosts) expect(line).toMatch(LINE);
}
