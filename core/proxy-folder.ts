/** The folder of kamal-proxy's volume, as its container sees it: its state, its certificates, and the files that we give it. */
export const PROXY_FOLDER = "/home/kamal-proxy/.config/kamal-proxy";
