import { featureKey, findEnvironment, findFeature, packageKey, sameFeature, sourceIndex } from './outline';
import type { Edit, Feature, FeatureName, Outline, OutlineEnvironment } from '../wire';

type EditOf<Op extends Edit['op']> = Extract<Edit, { op: Op }>;

/** What an edit is about: of two edits about the same thing only the later one counts. */
export function subject(edit: Edit): string {
  switch (edit.op) {
    case 'set-dependency':
    case 'remove-dependency':
      return JSON.stringify([
        'dependency',
        featureKey(edit.feature),
        edit.kind,
        packageKey(edit.kind, edit.name),
        edit.target
      ]);
    case 'set-variable':
    case 'remove-variable':
      return JSON.stringify(['variable', featureKey(edit.feature), edit.name, edit.target]);
    case 'set-channels':
      return JSON.stringify(['channels', featureKey(edit.feature)]);
    case 'set-source':
      return JSON.stringify(['source', packageKey('pypi', edit.package), featureKey(edit.feature)]);
    case 'set-index':
    case 'remove-index':
      return JSON.stringify(['index', edit.name]);
    case 'set-conflicts':
      return 'conflicts';
    case 'add-feature':
    case 'rename-feature':
    case 'remove-feature':
      return JSON.stringify(['feature', featureKey(edit.feature)]);
    default:
      return JSON.stringify(['environment', edit.name]);
  }
}

/**
 * The pending edits with one more, each thing named once: what was set twice is set to the last value, and what
 * comes back to what the manifest on disk says (`outline`) is no edit at all.
 */
export function pend(edits: readonly Edit[], edit: Edit, outline: Outline): Edit[] {
  switch (edit.op) {
    case 'rename-feature':
      return renameFeature(edits, edit);
    case 'remove-feature':
      return removeFeature(edits, edit, outline);
    case 'rename-environment':
      return renameEnvironment(edits, edit);
  }
  const at = latest(edits, earlier => subject(earlier) === subject(edit));
  const before = at < 0 ? edits : edits.slice(0, at);
  const merged = at < 0 ? edit : merge(edits[at], edit);
  const after = at < 0 ? [] : edits.slice(at + 1);
  // after a rename or removal the disk is no measure any more: such an edit stays as it is
  if (says(outline, before, merged) && !(at < 0 && edits.some(isBarrier))) {
    return [...before, ...after];
  }
  // where it names features, after the edits that may have made them
  return namesFeatures(merged) ? [...before, ...after, merged] : [...before, merged, ...after];
}

/** The edits, taken up one by one over what the manifest says by now. */
export function repend(edits: readonly Edit[], outline: Outline): Edit[] {
  return edits.reduce<Edit[]>((pending, edit) => pend(pending, edit, outline), []);
}

function namesFeatures(edit: Edit): boolean {
  return 'features' in edit || edit.op === 'set-conflicts';
}

/** A name before it may be another thing than the same name after it. */
function isBarrier(edit: Edit): boolean {
  return edit.op === 'rename-feature' || edit.op === 'rename-environment' || edit.op === 'remove-feature';
}

/** Index of the last edit that matches, or -1. */
function lastIndex(edits: readonly Edit[], matches: (edit: Edit) => boolean): number {
  const back = [...edits].reverse().findIndex(matches);
  return back < 0 ? -1 : edits.length - 1 - back;
}

/** Likewise, with no barrier behind it. */
function latest(edits: readonly Edit[], matches: (edit: Edit) => boolean): number {
  const at = lastIndex(edits, matches);
  return at > lastIndex(edits, isBarrier) ? at : -1;
}

function merge(earlier: Edit, later: Edit): Edit {
  if (later.op === 'set-environment' && earlier.op === 'add-environment') {
    return { ...later, op: 'add-environment' };
  }
  if (later.op === 'add-environment' && earlier.op === 'remove-environment') {
    return { ...later, op: 'set-environment' };
  }
  return later;
}

function renameFeature(edits: readonly Edit[], edit: EditOf<'rename-feature'>): Edit[] {
  const { feature, to } = edit;
  const at = latest(edits, found => found.op === 'add-feature' && sameFeature(found.feature, feature));
  if (at >= 0) {
    const named = { ...feature, name: to };
    const change = (name: FeatureName): FeatureName => (sameFeature(name, feature) ? named : name);
    return edits.map((found, index) => (index < at ? found : mapFeatures(found, change)));
  }
  const last = edits.at(-1);
  if (last?.op === 'rename-feature' && last.feature.kind === feature.kind && last.to === feature.name) {
    const first = edits.slice(0, -1);
    return last.feature.name === to ? first : [...first, { ...last, to }];
  }
  return to === feature.name ? [...edits] : [...edits, edit];
}

function renameEnvironment(edits: readonly Edit[], edit: EditOf<'rename-environment'>): Edit[] {
  const { name, to } = edit;
  const at = latest(edits, found => found.op === 'add-environment' && found.name === name);
  if (at >= 0) {
    return edits.map((found, index) => (index === at ? ({ ...found, name: to } as Edit) : found));
  }
  const last = edits.at(-1);
  if (last?.op === 'rename-environment' && last.to === name) {
    const first = edits.slice(0, -1);
    return last.name === to ? first : [...first, { ...last, to }];
  }
  return to === name ? [...edits] : [...edits, edit];
}

/** What was said about the feature since it got its name goes with it. */
function removeFeature(edits: readonly Edit[], edit: EditOf<'remove-feature'>, outline: Outline): Edit[] {
  const { feature } = edit;
  const from = lastIndex(edits, isBarrier) + 1;
  const added = latest(edits, found => found.op === 'add-feature' && sameFeature(found.feature, feature));
  const rest = edits.filter(
    (found, index) => index < from || !('feature' in found && sameFeature(found.feature, feature))
  );
  if (added < 0) {
    return [...rest, edit];
  }
  return repend(
    rest.map(found => dropFeature(found, feature)),
    outline
  );
}

function mapFeatures(edit: Edit, change: (name: FeatureName) => FeatureName): Edit {
  switch (edit.op) {
    case 'add-environment':
    case 'set-environment':
      return { ...edit, features: edit.features.map(change) };
    case 'set-conflicts':
      return { ...edit, conflicts: edit.conflicts.map(set => set.map(change)) };
    case 'set-source':
      return { ...edit, feature: edit.feature && change(edit.feature) };
    default:
      return 'feature' in edit ? { ...edit, feature: change(edit.feature) } : edit;
  }
}

function dropFeature(edit: Edit, feature: FeatureName): Edit {
  const others = (names: FeatureName[]): FeatureName[] => names.filter(name => !sameFeature(name, feature));
  switch (edit.op) {
    case 'add-environment':
    case 'set-environment':
      return { ...edit, features: others(edit.features) };
    case 'set-conflicts':
      return { ...edit, conflicts: edit.conflicts.map(others).filter(set => set.length > 1) };
    default:
      return edit;
  }
}

/** What a feature is called on disk, before the edits; null where it is not there. */
function originOfFeature(edits: readonly Edit[], feature: FeatureName): FeatureName | null {
  for (const edit of [...edits].reverse()) {
    if (edit.op === 'rename-feature' && sameFeature({ ...edit.feature, name: edit.to }, feature)) {
      feature = edit.feature;
    } else if (
      /^(add|remove)-feature$/.test(edit.op) &&
      'feature' in edit &&
      sameFeature(edit.feature, feature)
    ) {
      return null;
    }
  }
  return feature;
}

/** Likewise an environment. */
function originOfEnvironment(edits: readonly Edit[], name: string): string | null {
  for (const edit of [...edits].reverse()) {
    if (edit.op === 'rename-environment' && edit.to === name) {
      name = edit.name;
    } else if (/^(add|remove)-environment$/.test(edit.op) && 'name' in edit && edit.name === name) {
      return null;
    }
  }
  return name;
}

/** Whether the manifest on disk already says what an edit asks for. */
function says(outline: Outline, before: readonly Edit[], edit: Edit): boolean {
  if ('feature' in edit && edit.op !== 'set-source') {
    const name = originOfFeature(before, edit.feature);
    return featureSays(name ? findFeature(outline, name) : undefined, outline, edit);
  }
  switch (edit.op) {
    case 'set-source':
      return sourceIndex(outline, edit.package, edit.feature) === edit.index;
    case 'set-index':
      return outline.indexes.some(
        index => index.name === edit.name && index.url === edit.url && index.explicit === edit.explicit
      );
    case 'remove-index':
      return !outline.indexes.some(index => index.name === edit.name);
    case 'set-conflicts':
      return JSON.stringify(outline.conflicts) === JSON.stringify(edit.conflicts);
    case 'remove-environment':
      return !findEnvironment(outline, originOfEnvironment(before, edit.name));
    case 'set-environment': {
      const found = findEnvironment(outline, originOfEnvironment(before, edit.name));
      return found !== undefined && makeup(found) === makeup(edit);
    }
    default:
      return false;
  }
}

function featureSays(
  feature: Feature | undefined,
  outline: Outline,
  edit: Extract<Edit, { feature: FeatureName }>
): boolean {
  switch (edit.op) {
    case 'add-feature':
      return feature !== undefined;
    case 'set-dependency':
    case 'remove-dependency': {
      const found = feature?.dependencies.find(
        ({ kind, name, target }) =>
          kind === edit.kind &&
          packageKey(kind, name) === packageKey(kind, edit.name) &&
          target === edit.target
      );
      return found?.spec === (edit.op === 'set-dependency' ? edit.spec : undefined);
    }
    case 'set-variable':
    case 'remove-variable': {
      const found = feature?.variables.find(
        ({ name, target }) => name === edit.name && target === edit.target
      );
      return found?.value === (edit.op === 'set-variable' ? edit.value : undefined);
    }
    case 'set-channels': {
      const own = edit.feature.kind === 'base' ? outline.channels : feature?.channels;
      return JSON.stringify(own?.map(({ name }) => name) ?? null) === JSON.stringify(edit.channels);
    }
    default:
      return false;
  }
}

function makeup(environment: Pick<OutlineEnvironment, 'features' | 'solve_group' | 'with_base'>): string {
  return JSON.stringify([
    environment.features.map(featureKey),
    environment.solve_group,
    environment.with_base
  ]);
}
