import type { Build } from '../wire';

/** How many ended builds are shown before somebody asks for more. */
export const SHOWN = 10;

/** The builds of the section: those that run first, each kind newest first as the server lists them. */
export function arrange(builds: readonly Build[]): { running: readonly Build[]; ended: readonly Build[] } {
  return { running: builds.filter(build => !build.ended), ended: builds.filter(build => build.ended) };
}

/** The ids of those that ended in nothing, and whose environment was built since: they ask for nothing any more. */
export function superseded(builds: readonly Build[]): ReadonlySet<string> {
  const ready = new Set<string>();
  const found = new Set<string>();
  for (const { id, manifest, environment, ended, last } of builds) {
    const key = JSON.stringify([manifest, environment]);
    if (last?.phase === 'ready') {
      ready.add(key);
    } else if (ended && ready.has(key)) {
      found.add(id);
    }
  }
  return found;
}

/** The row that the keyboard goes to from `current`; that which it is in if there is no other. */
export function nextRow(rows: readonly string[], current: string | null, key: string): string | null {
  const at = Math.max(0, current === null ? 0 : rows.indexOf(current));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[key];
  return to === undefined ? null : (rows[Math.min(rows.length - 1, Math.max(0, to))] ?? null);
}
