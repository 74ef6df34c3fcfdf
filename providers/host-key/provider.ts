/**
 * The SSH host key of a machine that is still to be created, so that its first connection can be verified.
 *
 * Owns a key pair in the state; touches no host. It is generated once and never changes: the machine keeps it for life.
 */
import { z } from "zod";
import { SlipwayError } from "../../core/error.ts";
import type { Provider } from "../pulumi/provider.ts";

const HostKeyInputs = z.object({ schema: z.literal(1), host: z.string().min(1) });
type HostKeyInputs = z.infer<typeof HostKeyInputs>;

const HostKeyState = HostKeyInputs.extend({ publicKey: z.string().min(1), privateKey: z.string().min(1) });
type HostKeyState = z.infer<typeof HostKeyState>;

export const hostKeyProvider: Provider<HostKeyInputs, HostKeyState> = {
  inputs: HostKeyInputs,
  state: HostKeyState,
  id: ({ host }) => `${host}:host-key`,

  plan: ({ host }, state) => ({
    changes: state === undefined,
    text: state === undefined ? `${host}   generate its SSH host key` : `${host}   keeps its SSH host key`,
  }),

  converge: async (inputs, state) => (state === undefined ? { ...inputs, ...(await generate(inputs)) } : { ...state, ...inputs }),

  read: async (inputs, _run, state) => {
    if (state === undefined) throw lost(inputs);
    return { found: "same", state };
  },

  claims: () => [],
  withdraw: async () => {},
};

async function generate({ host }: HostKeyInputs): Promise<Pick<HostKeyState, "publicKey" | "privateKey">> {
  const { default: ssh2 } = await import("ssh2");
  const { private: privateKey, public: publicLine } = ssh2.utils.generateKeyPairSync("ed25519", { comment: host });
  return { publicKey: publicLine.split(" ").slice(0, 2).join(" "), privateKey };
}

const lost = ({ host }: HostKeyInputs): SlipwayError =>
  new SlipwayError({
    code: "HOST_KEY_MISSING",
    what: "the host key is missing from the state",
    host,
    servesNow: "what served before; nothing was changed",
    next: `see what the state contains with pulumi stack export; to create the machine again: pulumi up --replace on its server and its host key`,
  });
