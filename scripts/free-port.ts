import { type AddressInfo, createServer } from "node:net";

/** The same port where it is free, any free port for 0, or undefined where somebody else has it. */
export function freePort(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (cause: Error & { code?: string }) => {
      if (cause.code === "EADDRINUSE") resolve(undefined);
      else reject(cause);
    });
    server.listen(port, host, () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => resolve(got));
    });
  });
}
