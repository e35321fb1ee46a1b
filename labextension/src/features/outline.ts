import type { Edit, Environment, Feature, FeatureName, Outline, OutlineEnvironment } from '../wire';

export const BASE: FeatureName = { kind: 'base', name: '' };

export function sameFeature(one: FeatureName | null, other: FeatureName | null): boolean {
  return one?.kind === other?.kind && one?.name === other?.name;
}

export function includes(features: readonly FeatureName[], feature: FeatureName): boolean {
  return features.some(found => sameFeature(found, feature));
}

export function findFeature(outline: Outline, name: FeatureName | null): Feature | undefined {
  return outline.features.find(found => sameFeature(found.feature, name));
}

export function findEnvironment(outline: Outline, name: string | null): OutlineEnvironment | undefined {
  return outline.environments.find(found => found.name === name);
}

/** A package's name as its index compares it: https://packaging.python.org/en/latest/specifications/name-normalization/ */
export function packageKey(kind: string, name: string): string {
  const lower = name.toLowerCase();
  return kind === 'pypi' ? lower.replace(/[-_.]+/g, '-') : lower;
}

export function featureKey(feature: FeatureName | null): string {
  return feature ? `${feature.kind}:${feature.name}` : '';
}

/** The index that a package of a uv project is taken from, for an extra or group or (null) for all. */
export function sourceIndex(outline: Outline, name: string, feature: FeatureName | null): string | null {
  const key = packageKey('pypi', name);
  const rows = outline.features
    .flatMap(found => found.dependencies)
    .filter(found => packageKey('pypi', found.name) === key)
    .flatMap(found => found.sources);
  return rows.find(row => row.index !== null && sameFeature(row.feature, feature))?.index ?? null;
}

/** An environment with a feature more, where it stood on disk if it did, or one less. */
export function toggled(
  environment: OutlineEnvironment,
  feature: FeatureName,
  disk: OutlineEnvironment | undefined
): Extract<Edit, { op: 'set-environment' }> {
  const { name, solve_group, with_base, features } = environment;
  const edit = { op: 'set-environment', name, solve_group, with_base } as const;
  if (feature.kind === 'base') {
    return { ...edit, features, with_base: !with_base };
  }
  if (includes(features, feature)) {
    return { ...edit, features: features.filter(found => !sameFeature(found, feature)) };
  }
  const more = [...features, feature];
  const known = disk?.features.filter(found => includes(more, found)) ?? [];
  return { ...edit, features: [...known, ...more.filter(found => !includes(known, found))] };
}

/** The sets of features that exclude each other, after two of them do or don't. */
export function excluding(
  conflicts: FeatureName[][],
  one: FeatureName,
  other: FeatureName,
  exclude: boolean
): FeatureName[][] {
  if (exclude) {
    return [...conflicts, [one, other]];
  }
  return conflicts.flatMap(set => {
    if (!includes(set, one) || !includes(set, other)) {
      return [set];
    }
    const without = (gone: FeatureName): FeatureName[] => set.filter(name => !sameFeature(name, gone));
    return set.length > 2 ? [without(one), without(other)] : [];
  });
}

export function exclude(conflicts: FeatureName[][], one: FeatureName, other: FeatureName): boolean {
  return conflicts.some(set => includes(set, one) && includes(set, other));
}

/** What an edit does to environments: those that are made of something else now, and those of them that are new. */
export interface IConcerns {
  environments: string[];
  added: string[];
}

export function concerns(before: Outline, after: Outline): IConcerns {
  const names = after.environments.map(({ name }) => name);
  return {
    environments: concerned(before, after),
    added: names.filter(name => !findEnvironment(before, name))
  };
}

/** The environments of a manifest that are made of something else after an edit, solve groups as a whole. */
export function concerned(before: Outline, after: Outline): string[] {
  const changed = after.environments.filter(
    environment =>
      substance(after, environment) !== substance(before, findEnvironment(before, environment.name))
  );
  const groups = new Set(changed.map(environment => environment.solve_group).filter(group => group !== null));
  return after.environments
    .filter(found => changed.includes(found) || groups.has(found.solve_group ?? ''))
    .map(found => found.name);
}

/** All that decides what an environment is made of; not the lines it stands at. */
function substance(outline: Outline, environment: OutlineEnvironment | undefined): string {
  if (!environment) {
    return '';
  }
  const { features, solve_group, with_base } = environment;
  const parts = [...(with_base ? [BASE] : []), ...features].map(name => findFeature(outline, name));
  const { channels, indexes, python, platforms } = outline;
  return JSON.stringify(
    { solve_group, with_base, parts, channels, indexes, python, platforms },
    (key, value) => (key === 'line' ? undefined : value)
  );
}

/**
 * Which of the environments that an edit concerns a build should follow for, by their names: those that are in use
 * (built, failed, with a kernel or of the current notebook, which comes first) or new; where none is, the first that
 * can be built here. `environments` are as they were before the edit was written: then a failure is forgotten.
 */
export function worthBuilding(
  { environments: names, added }: IConcerns,
  environments: readonly Environment[],
  current: string | null
): string[] {
  const known = new Map(environments.map(found => [found.name, found]));
  const here = names.filter(name => known.get(name)?.here ?? added.includes(name));
  const used = here.filter(name => {
    const { state, kernels } = known.get(name) ?? {};
    return added.includes(name) || name === current || state !== 'not built' || Boolean(kernels?.length);
  });
  const first = used.filter(name => name === current);
  return used.length ? [...first, ...used.filter(name => name !== current)] : here.slice(0, 1);
}
