import { SEVERITIES, type Severity } from "../model/alert.ts";

export type Routes = Readonly<Partial<Record<Severity, readonly string[]>>>;

/**
 * The channels for a severity. One without a route of its own uses the next more severe one; null
 * when there is none of those either.
 */
export function routeFor(routes: Routes, severity: Severity): readonly string[] | null {
  for (let i = SEVERITIES.indexOf(severity); i >= 0; i -= 1) {
    const candidate = SEVERITIES[i];
    const route = candidate === undefined ? undefined : routes[candidate];
    if (route !== undefined && route.length > 0) return route;
  }
  return null;
}
