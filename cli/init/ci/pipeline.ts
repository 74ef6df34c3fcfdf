/** What the files for a CI depend on. */
export interface Pipeline {
  /** The project's folder, from that of the repository; `.` is the same. */
  readonly folder: string;
  readonly stack: string;
  /** What a push to it is deployed from. */
  readonly branch: string;
  /** How its jobs are let in to the state: a token of Pulumi Cloud, or keys of a bucket, and a passphrase. */
  readonly state: "cloud" | "s3" | "gs" | "azblob" | "other";
}

/** The kind of state behind a backend's URL; `undefined`: a folder, which no job would have. */
export function stateOf(url: string | undefined): Pipeline["state"] | undefined {
  const [, scheme = ""] = /^([a-z0-9]+):\/\//.exec(url ?? "") ?? [];
  if (scheme === "" || scheme === "file") return undefined;
  if (scheme === "https" || scheme === "http") return "cloud";
  return scheme === "s3" || scheme === "gs" || scheme === "azblob" ? scheme : "other";
}
