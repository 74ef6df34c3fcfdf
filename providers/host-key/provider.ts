import { z } from "zod";
import { SlipwayError } from "../../core/error.ts";
import type { Provider } from "../pulumi/provider.ts";

const HostKeyInputs = z.object({ schema: z.literal(1), host: z.string().min(1) });
type HostKeyInputs = z.infer<typeof HostKeyInputs>;

const HostKeyState = HostKeyInputs.extend({ publicKey: z.string().min(1), privateKey: z.string().min(1) });
type HostKeyState = z.infer<typeof HostKeyState>;

/** Made once; the machine that got it shows it for ever, so it never changes. */
export const hostKeyProvider: Provider<HostKeyInputs, HostKeyState> = {
  inputs: HostKeyInputs,
  state: HostKeyState,
  id: ({ host }) => `${host}:host-key`,

  plan: ({ host }, state) => ({
    changes: state === undefined,
    text: state === undefined ? `${host}   make its SSH host key` : `${host}   keeps its SSH host key`,
  }),

  converge: async (inputs, state) => (state === undefined ? { ...inputs, ...(await madeFor(inputs)) } : { ...state, ...inputs }),

  read: async (inputs, _run, state) => {
    if (state === undefined) throw lost(inputs);
    return { found: "same", state };
  },

  withdraw: async () => {},
};

async function madeFor({ host }: HostKeyInputs): Promise<Pick<HostKeyState, "publicKey" | "privateKey">> {
  const { default: ssh2 } = await import("ssh2");
  const { private: privateKey, public: written } = ssh2.utils.generateKeyPairSync("ed25519", { comment: host });
  return { publicKey: written.split(" ").slice(0, 2).join(" "), privateKey };
}

const lost = ({ host }: HostKeyInputs): SlipwayError =>
  new SlipwayError({
    what: "the state has no host key any more",
    host,
    servesNow: "what served before; nothing was changed",
    next: `pulumi stack export shows what is left; to make the machine anew: pulumi up --replace on its server and its host key`,
  });
