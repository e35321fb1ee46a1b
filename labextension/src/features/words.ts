import type { TranslationBundle } from '@jupyterlab/translation';

import type { IPlanSummary } from './plan';
import type { Edit, FeatureName, Outline, PackageChange } from '../wire';
import { bytesText } from '../words';

/** Package changes told in one line; the others are counted. */
const TOLD = 3;

export function nameText(feature: FeatureName, trans: TranslationBundle): string {
  return feature.kind === 'base' ? trans.__('(base)') : feature.name;
}

/** What a feature is, in the words of its format. */
export function kindText(feature: FeatureName, outline: Outline, trans: TranslationBundle): string {
  switch (feature.kind) {
    case 'base':
      return outline.format === 'uv'
        ? trans.__('The dependencies of the project')
        : trans.__('What every environment has');
    case 'extra':
      return trans.__('extra');
    case 'group':
      return trans.__('group');
    default:
      return trans.__('feature');
  }
}

/** An edit, for people whose file changed so that it cannot be made. */
export function editText(edit: Edit, trans: TranslationBundle): string {
  const name = 'feature' in edit && edit.feature ? nameText(edit.feature, trans) : '';
  switch (edit.op) {
    case 'set-dependency':
      return trans.__('%1: %2 %3', name, edit.name, edit.spec);
    case 'remove-dependency':
      return trans.__('%1: without %2', name, edit.name);
    case 'set-variable':
      return trans.__('%1: %2=%3', name, edit.name, edit.value);
    case 'remove-variable':
      return trans.__('%1: without %2', name, edit.name);
    case 'set-channels':
      return trans.__('channels of %1: %2', name, edit.channels?.join(', ') ?? trans.__('the workspace’s'));
    case 'add-feature':
      return trans.__('new: %1', name);
    case 'rename-feature':
      return trans.__('%1 → %2', name, edit.to);
    case 'remove-feature':
      return trans.__('without %1', name);
    case 'add-environment':
    case 'set-environment':
      return trans.__('%1: %2', edit.name, edit.features.map(found => found.name).join(', '));
    case 'rename-environment':
      return trans.__('%1 → %2', edit.name, edit.to);
    case 'remove-environment':
      return trans.__('without %1', edit.name);
    case 'set-source':
      return trans.__('%1 from %2', edit.package, edit.index ?? trans.__('any index'));
    case 'set-index':
      return trans.__('index %1: %2', edit.name, edit.url);
    case 'remove-index':
      return trans.__('without index %1', edit.name);
    case 'set-conflicts':
      return edit.conflicts.map(set => set.map(found => found.name).join(' ≠ ')).join(', ');
  }
}

/** `cudnn 8.6.0 → 8.9.7`, `+ nvtx 0.2.11`, `− six 1.16`. */
export function packageText(change: PackageChange, trans: TranslationBundle): string {
  if (change.before === null) {
    return trans.__('+ %1 %2', change.name, change.after ?? '');
  }
  return change.after === null
    ? trans.__('− %1 %2', change.name, change.before)
    : trans.__('%1 %2 → %3', change.name, change.before, change.after);
}

/** `Would change in cuda, cuda-dev: cudnn 8.6.0 → 8.9.7, + nvtx 0.2.11 · 412 MB` */
export function planText(plan: IPlanSummary, trans: TranslationBundle): string {
  if (!plan.changes.length) {
    return trans.__('No package would change.');
  }
  const told = plan.changes.slice(0, TOLD).map(change => packageText(change, trans));
  const more = plan.changes.length - told.length;
  if (more) {
    told.push(trans._n('and %1 more', 'and %1 more', more));
  }
  const text = trans.__('Would change in %1: %2', plan.environments.join(', '), told.join(', '));
  return plan.size ? `${text} · ${bytesText(plan.size)}` : text;
}

/** What is wrong with a name of a feature or an environment; empty where it is right. */
export function nameProblem(name: string, taken: readonly string[], trans: TranslationBundle): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    return trans.__('Letters, digits, “-”, “_” and “.” only, with a letter or digit first.');
  }
  return taken.includes(name) ? trans.__('There is a “%1” already.', name) : '';
}

/** Characters of names that a button still has room for in a narrow sidebar. */
const ROOM = 20;

/** What the button says that writes the edits and builds these environments. */
export function buildText(names: readonly string[], trans: TranslationBundle): string {
  const text = names.join(', ');
  if (!names.length) {
    return trans.__('Apply and build');
  }
  return text.length <= ROOM
    ? trans.__('Apply and build %1', text)
    : trans._n('Apply and build %1 environment', 'Apply and build %1 environments', names.length);
}
