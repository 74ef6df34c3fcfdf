/** A signature as a registry has it, whatever is the form in which it is kept there. */
export interface FoundSignature {
  /** The digest of what carries it. */
  readonly at: string;
  /** In the JSON of Sigstore's bundles: https://github.com/sigstore/protobuf-specs */
  readonly bundle: unknown;
  /** What is signed, if the bundle does not contain it. */
  readonly payload?: Buffer;
  /** The digests of the images that it is for, by what is signed. */
  readonly images: readonly string[];
}
