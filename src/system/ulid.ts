import { randomBytes } from "node:crypto";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** 26 characters: 48 bits of time (ms), 80 bits of chance; sorts by time (the ULID specification). */
export function ulid(now: number): string {
  let id = "";
  let time = now;
  for (let i = 0; i < 10; i += 1) {
    id = (CROCKFORD[time % 32] ?? "0") + id;
    time = Math.floor(time / 32);
  }
  for (const byte of randomBytes(16)) id += CROCKFORD[byte % 32] ?? "0";
  return id;
}
