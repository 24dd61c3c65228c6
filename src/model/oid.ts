/** A full object id in hexadecimal: 40 digits (SHA-1) or 64 (SHA-256). */
export type Oid = string;

export function isOid(text: string): text is Oid {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** "No object" in git's pre-push and porcelain output: all zeros, of either length. */
export function isZeroOid(text: string): boolean {
  return /^(?:0{40}|0{64})$/.test(text);
}

/** For people only; programs get full ids. */
export function short(oid: Oid): string {
  return oid.slice(0, 8);
}
