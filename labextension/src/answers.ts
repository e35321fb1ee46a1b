import { JSONExt } from '@lumino/coreutils';
import type { PartialJSONValue } from '@lumino/coreutils';

import type { Build, BuildEvent, Environment } from './wire';

const ENDS: readonly BuildEvent['phase'][] = ['ready', 'failed', 'cancelled'];

export function hasEnded(event: BuildEvent): boolean {
  return ENDS.includes(event.phase);
}

/** `after`, or `before` itself if nothing is new: so that views may compare by identity. */
export function kept<T>(before: T, after: T): T {
  return JSONExt.deepEqual(before as PartialJSONValue, after as PartialJSONValue) ? before : after;
}

/** The same for a list, and for each of its items; `key` tells which is which. */
export function keptAll<T>(
  before: readonly T[],
  after: readonly T[],
  key: (item: T) => string
): readonly T[] {
  const known = new Map(before.map(item => [key(item), item]));
  const items = after.map(item => {
    const old = known.get(key(item));
    return old === undefined ? item : kept(old, item);
  });
  const isSame = items.length === before.length && items.every((item, index) => item === before[index]);
  return isSame ? before : items;
}

/** A list of builds brought to what an event says. */
export function followBuilds(builds: readonly Build[], event: BuildEvent): readonly Build[] {
  return builds.map(build => (build.id === event.build ? { ...build, last: event } : build));
}

/** A list of environments likewise. */
export function followEnvironments(
  environments: readonly Environment[],
  event: BuildEvent
): readonly Environment[] {
  return environments.map(found =>
    found.manifest === event.manifest && found.name === event.environment
      ? { ...found, state: 'building', build: event.build, fraction: event.fraction, reason: event.message }
      : found
  );
}
