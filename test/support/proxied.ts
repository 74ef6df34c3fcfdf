import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { PROXY_IMAGE } from "../../lab/proxy.ts";
import { ProxyInputs, type ProxyState } from "../../providers/proxy/inputs.ts";
import { proxyProvider } from "../../providers/proxy/provider.ts";
import { addressOf, ProviderRun } from "./provider-run.ts";

/** The proxy of one host, converged by the provider itself, without the engine in between. */
export class Proxied {
  readonly #lab: Lab;
  readonly #inputs: ProxyInputs;

  /** @param server the registry of its image. Default: the image that each lab host has */
  constructor(lab: Lab, host: LabHost, server?: string) {
    this.#lab = lab;
    const { username, password } = lab.registry;
    this.#inputs = ProxyInputs.parse({
      schema: 1,
      host: addressOf(host),
      stack: "slipway/lab",
      ...(server === undefined
        ? { image: PROXY_IMAGE }
        : { image: `${server}/${PROXY_IMAGE}`, registry: { server, username, password } }),
      publish: ["443:443", "80:80"],
      options: [],
      logMaxSize: "10m",
      status: "running",
    });
  }

  /** The status that a refresh would find, and the plan; the plan is empty when nothing would change. */
  async preview(): Promise<{ status: string; plan: string }> {
    await using run = new ProviderRun(this.#lab);
    const reading = await proxyProvider.read(this.#inputs, run, undefined);
    const { changes, text } = proxyProvider.plan(this.#inputs, reading.state);
    return { status: reading.found === "drift" ? String(reading.inputs.status) : "running", plan: changes ? text : "" };
  }

  async converge(): Promise<ProxyState> {
    await using run = new ProviderRun(this.#lab);
    return proxyProvider.converge(this.#inputs, undefined, run);
  }
}
