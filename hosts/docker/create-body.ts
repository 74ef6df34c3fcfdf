import type Dockerode from "dockerode";

/** The body of Docker's call to create a container. */
export type CreateBody = Omit<Dockerode.ContainerCreateOptions, "name" | "platform" | "abortSignal" | "_query" | "_body">;
