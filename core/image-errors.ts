import type { ErrorEntry } from "./error-entry.ts";

/** Of images: where they come from, and how they get to a host. Part of `ERRORS`. */
export const IMAGE_ERRORS = {
  REGISTRY_UNREACHABLE: {
    cause: "The registry did not answer: to this machine, or to the host.",
    look: "The registry's status page; proxies and firewalls; `docker pull` on the host.",
    next: "Run the command again when it answers; give the image by digest if only the hosts can reach the registry.",
  },
  REGISTRY_DENIED: {
    cause: "The registry refused the user or the password, or the image is private and no login is configured.",
    look: "`slipway:registry.username` and the secret `slipway:registry.password`; when the token expires.",
    next: "Set a valid password: `pulumi config set --secret --path 'slipway:registry.password'`.",
  },
  IMAGE_NOT_FOUND: {
    cause: "Neither the registry, nor the hosts, nor the file, Docker or cache of this machine has the image.",
    look: "The tags of the repository; whether the build has pushed, or has written the file; `docker image ls`.",
    next: "Push the image, build it into its file or into Docker, or correct `slipway:image`.",
  },
  IMAGE_UNREADABLE: {
    cause:
      "The registry's answer cannot be understood; or what the file or Docker has is not an image, lacks a part, or has a damaged one.",
    look: "The status and body in the error; `docker manifest inspect` of the image; what wrote the file.",
    next: "Check the registry, or build the image again, then run the command again.",
  },
  BUILD_NOT_COMMITTED: {
    cause:
      "`slipway:builder.clean` builds a commit, and something of the build is not in one: files of the context, the Dockerfile, or a submodule.",
    look: "`git status` in the folder of the context, and the files that the error names.",
    next: "Commit them, or name them in .gitignore or .dockerignore; `clean: commit` leaves them out of the image.",
  },
  IMAGE_UNVERIFIED: {
    cause: "`slipway:verify` says who must have signed the image, and its registry has no such signature for this digest.",
    look: "What was looked for and what is there, in the error; `cosign tree` and `cosign verify` of the digest.",
    next: "Sign the digest where it is built, release one that is signed, or correct `slipway:verify`. Nothing was changed.",
  },
  BUILD_FAILED: {
    cause: "`slipway:builder` was to build the image, and a step of the Dockerfile failed, or the builder did not answer.",
    look: "The step that the error names and its last lines; `docker buildx build .` in the context's folder.",
    next: "Correct the Dockerfile or what it needs, then run the command again. The app was not changed.",
  },
  IMAGE_WRONG_PLATFORM: {
    cause: "The image is not built for the CPU of the host.",
    look: "`docker manifest inspect` of the image, and `uname -m` on the host.",
    next: "Build the image for that platform as well.",
  },
  PULL_FAILED: {
    cause: "Docker on the host could not pull the image, or could not load the one that was sent to it.",
    look: "Docker's own message in the error; free space; the registry from the host's network.",
    next: "Fix what Docker reports, then run the command again.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
