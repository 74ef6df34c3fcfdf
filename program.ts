import { Deployment, imageDigests, stackConfig } from "slipway";

const config = await stackConfig();
const digests = imageDigests(config);
// A signature that is asked for is verified before anything is declared that could change a server.
if (config.verify !== undefined) await digests;
const deployment = new Deployment(config, digests);

// The registry is asked while the servers are looked at; if it says no, that is the run's one error.
await digests;

export const { urls, release, version, image, containers, accessories, servers, loadBalancers } = deployment;
