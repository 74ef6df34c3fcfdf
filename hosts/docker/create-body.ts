import type Dockerode from "dockerode";

/** What a container is made of: Docker's own words, without the name. */
export type CreateBody = Omit<Dockerode.ContainerCreateOptions, "name" | "platform" | "abortSignal" | "_query" | "_body">;
