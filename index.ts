import { Deployment, imageDigest, stackConfig } from "./components/index.ts";

const config = stackConfig();
const deployment = new Deployment(config, await imageDigest(config));

export const { urls, release, containers } = deployment;
