/** The key files that OpenSSH tries by default. */
export const USUAL_KEYS = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"] as const;

/** `~/.ssh/x` as a full path. */
export const expandHome = (file: string, home: string): string => file.replace(/^~(?=\/|$)/, home);
