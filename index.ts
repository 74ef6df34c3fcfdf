import { Deployment, imageDigest, stackConfig } from "./components/index.ts";

const config = stackConfig();
const digest = imageDigest(config);
const deployment = new Deployment(config, digest);

// The registry is asked while the servers are looked at; if it says no, that is the run's one error.
await digest;

export const { urls, release, containers } = deployment;
