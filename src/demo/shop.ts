import { FIRST_CART } from "./shop/first-cart.ts";
import { GROWTH } from "./shop/growth.ts";
import { commitsOf, type ShopCommit } from "./shop/history.ts";
import { OPENING } from "./shop/opening.ts";
import { season } from "./shop/season.ts";
import { WEEK } from "./shop/week.ts";

export type { ShopCommit } from "./shop/history.ts";

/** The last release that was good. */
export const GOOD_TAG = "v1.4.0";

export interface ShopPlace {
  /** `http://127.0.0.1:4000`: where production answers. */
  readonly site: string;
  /** Where alerts are posted. */
  readonly webhook: string;
}

/** The shop's mayday.yaml. Probes are quick: production is on this machine. */
function settingsOf({ site, webhook }: ShopPlace): string {
  return `version: 1
environments:
  production:
    remote: origin
    branch: main
    live: {http: "${site}/version", pointer: /commit}
    bake: 10m
    probes:
      - {name: health, http: "${site}/healthz", status: 200, within: 2s, times: 3, every: 200ms, body: "ok"}
      - {name: cart, http: "${site}/cart", status: 200, within: 2s, times: 3, every: 200ms}
    rollback: {wait: 30s, window: 1s}
    alerts: {sev1: [room]}
channels:
  room: {type: webhook, url: "${webhook}"}
checks:
  unit: {kind: unit, run: [node, --test], timeout: 1m, files: ["src/**", "test/**", "config/**"]}
`;
}

/**
 * The whole history of the shop, oldest first: some sixty commits of six people in six weeks, five
 * releases, and the week after the last one with the commit that breaks the cart.
 * `now` is in seconds since 1970; the same arguments give the same commits.
 */
export function shopHistory(place: ShopPlace, now: number): ShopCommit[] {
  return commitsOf([...OPENING, ...FIRST_CART, ...GROWTH, ...season(settingsOf(place))], WEEK, now);
}
