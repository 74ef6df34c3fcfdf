/** Where the Docker Engine listens on every host. */
export const DOCKER_SOCKET = "/var/run/docker.sock";
