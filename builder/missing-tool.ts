import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";

/** How something is installed, by system. */
type Install = Partial<Record<NodeJS.Platform, string>> & { readonly other: string };

export const DOCKER: Install = {
  darwin: "install Docker Desktop, or: brew install --cask docker",
  win32: "install Docker Desktop, or: winget install Docker.DockerDesktop",
  other:
    "install it: sudo apt-get install docker.io docker-buildx (Debian, Ubuntu), sudo dnf install docker-ce docker-buildx-plugin (Fedora, RHEL, with Docker's repository)",
};
export const BUILDX: Install = {
  darwin: "update Docker Desktop, or: brew install docker-buildx",
  win32: "update Docker Desktop",
  other:
    "install it: sudo apt-get install docker-buildx (of Debian, Ubuntu) or docker-buildx-plugin (of Docker's own repository), sudo dnf install docker-buildx-plugin",
};

/** An error that says how to install what is missing. */
export const missing = (what: string, install: Install, system: NodeJS.Platform): SlipwayError =>
  new SlipwayError({
    code: "TOOL_MISSING",
    what,
    servesNow: NOTHING_TOUCHED,
    next: `${install[system] ?? install.other}; then run the command again`,
  });
