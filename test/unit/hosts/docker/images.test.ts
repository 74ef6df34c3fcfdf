import { expect, it } from "vitest";
import { pullReference } from "../../../../hosts/docker/images.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;

it.each([
  ["shop", "shop:latest"],
  ["shop:1.4.2", "shop:1.4.2"],
  ["docker.io/library/postgres:17", "postgres:17"],
  ["registry:5000/acme/shop", "registry:5000/acme/shop:latest"],
  [`registry:5000/acme/shop@${DIGEST}`, `registry:5000/acme/shop@${DIGEST}`],
  [`ghcr.io/acme/shop:1.4.2@${DIGEST}`, `ghcr.io/acme/shop@${DIGEST}`],
])("pulls exactly one image for %s", (ref, pulled) => expect(pullReference(ref)).toBe(pulled));
