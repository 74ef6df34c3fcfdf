/** What can be wrong with the content of an image's file; `read.ts` says it to people. */

/** There is no image. The message says why. */
export class NoImage extends Error {}

/** There are several images, or none of that name. */
export class NotChosen extends Error {
  /** What can be chosen. */
  readonly names: readonly string[];
  readonly wanted: string | undefined;

  constructor(names: readonly string[], wanted: string | undefined) {
    super("the image is not chosen");
    this.names = names;
    this.wanted = wanted;
  }
}

/** An index or a manifest names what is not there. */
export class BlobsMissing extends Error {
  readonly digests: readonly string[];

  constructor(digests: readonly string[]) {
    super("blobs are missing");
    this.digests = digests;
  }
}

/** A file is not what its name says. */
export class DigestMismatch extends Error {
  readonly part: string;
  readonly wanted: string;
  readonly found: string;

  constructor(part: string, wanted: string, found: string) {
    super(`${part} is ${found}, not ${wanted}`);
    this.part = part;
    this.wanted = wanted;
    this.found = found;
  }
}
