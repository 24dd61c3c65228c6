import type { Signal } from "../model/triage.ts";

/** What to look at for each kind of signal; of infrastructure, for each name. */
const CHECKS: Readonly<Record<string, string>> = {
  "environment-variable": "is it set where this runs, with the right value?",
  "untouched-frames": "did a dependency, the data or the environment change since good?",
  "before-deploy": "what happened at that time: another deploy, a certificate, a provider?",
  "empty-range": "look at the environment, or further back than good",
  "name resolution": "does the name resolve from there? DNS, service discovery",
  connection: "is the other side up and reachable? its health, network rules, the port",
  timeout: "is the other side slow? its latency, load and queues",
  disk: "df -h and df -i on the machine; is the volume mounted read-only?",
  memory: "the memory limit and use of the container, since when it grows",
  "file handles": "ulimit -n and the number of open connections",
  certificate: "the certificate's end, its chain, the clock of the machine",
  rights: "keys, tokens and roles: expired, rotated, taken away?",
  scheduling: "the events of the cluster: image, resources, probes",
  quota: "the provider's status page and the limits of the account",
};
const OTHERWISE = "whether it began with the deploy or on its own";

/** What to look at next, one clause; in the words of someone who runs the systems. */
export function nextCheck({ kind, name }: Pick<Signal, "kind" | "name">): string {
  return CHECKS[kind] ?? CHECKS[name] ?? OTHERWISE;
}

/** What to look at where nothing points anywhere. */
export const FIRST_CHECKS: readonly string[] = [
  "the status pages of the providers and of what is called over the network",
  "configuration, secrets and certificates that were changed or ran out",
  "load, disk and memory of the machines, since when they differ",
  "the same environment before the deploy: was the symptom there already?",
];
