export { confirmTag } from "./confirm-tag.ts";
export { type Credentials, resolveDigest } from "./digest.ts";
export { type Platform, resolvePlatforms } from "./platforms.ts";
