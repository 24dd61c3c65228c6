import { existsSync, readFileSync } from "node:fs";

/** Does the process still do anything? One that is dead and waits to be collected does not. */
export function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  if (!existsSync("/proc/self/stat")) {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }
  return existsSync(status) && !/\) Z /.test(readFileSync(status, "utf8"));
}
