/** A program that declares what the stack's file says, to be extended by resources of the user's own. */
export const PROGRAM = `import { Deployment, imageDigests, stackConfig } from "slipway";

// What the stack's file says. Resources of your own go beside it.
const config = await stackConfig();
const digests = imageDigests(config);
// A signature that is asked for is verified before anything is declared that could change a server.
if (config.verify !== undefined) await digests;
const deployment = new Deployment(config, digests);

// The registry is asked while the servers are looked at; if it says no, that is the run's one error.
await digests;

export const { urls, release, version, image, containers, accessories, servers, loadBalancers } = deployment;
`;
