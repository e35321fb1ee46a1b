import { nullTranslator } from '@jupyterlab/translation';

import { pend, repend } from '../src/features/edits';
import { concerned, excluding, toggled, worthBuilding } from '../src/features/outline';
import { buildText } from '../src/features/words';
import type { Edit } from '../src/wire';
import { named, outline, removeDependency, setDependency, setEnvironment } from './manifests';
import { environment } from './world';

const disk = outline(
  { '': 'python 3.12', cuda: 'cudnn 8.6.*, cudatoolkit 11', dev: '' },
  { default: '', cuda: 'cuda', dev: 'cuda dev' }
);

function pending(...edits: Edit[]): Edit[] {
  return repend(edits, disk);
}

function addEnvironment(name: string, features = ''): Edit {
  return { ...setEnvironment(name, features), op: 'add-environment' } as Edit;
}

const addFeature = (name: string): Edit => ({ op: 'add-feature', feature: named(name) });
const removeFeature = (name: string): Edit => ({ op: 'remove-feature', feature: named(name) });
const renameFeature = (name: string, to: string): Edit => ({
  op: 'rename-feature',
  feature: named(name),
  to
});
const renameEnvironment = (name: string, to: string): Edit => ({ op: 'rename-environment', name, to });
const removeEnvironment = (name: string): Edit => ({ op: 'remove-environment', name });

describe('edits about the same thing', () => {
  test('of two values the last one counts, where the first one stood', () => {
    const other = setDependency('cuda', 'numpy', '');
    expect(
      pending(setDependency('cuda', 'cudnn', '8.8.*'), other, setDependency('cuda', 'cudnn', '8.9.*'))
    ).toEqual([setDependency('cuda', 'cudnn', '8.9.*'), other]);
  });

  test('the same package in another feature, of another kind or for another platform is another thing', () => {
    const here = setDependency('cuda', 'numpy', '2');
    const others = [
      setDependency('dev', 'numpy', '2'),
      { ...here, kind: 'pypi' },
      { ...here, target: 'linux-64' }
    ] as Edit[];
    expect(pending(here, ...others)).toEqual([here, ...others]);
  });

  test('PyPI compares names as it does, conda as it does', () => {
    const pypi = (name: string): Edit => ({ ...setDependency('cuda', name, ''), kind: 'pypi' }) as Edit;
    expect(pending(pypi('Typing_Extensions'), pypi('typing-extensions'))).toHaveLength(1);
    expect(pending(setDependency('cuda', 'a_b', ''), setDependency('cuda', 'a-b', ''))).toHaveLength(2);
  });

  test('added and removed is nothing', () => {
    expect(pending(setDependency('cuda', 'nvtx', '>=0.2'), removeDependency('cuda', 'nvtx'))).toEqual([]);
    expect(pending(addEnvironment('new', 'cuda'), removeEnvironment('new'))).toEqual([]);
  });

  test('changed and removed is removed', () => {
    expect(pending(setDependency('cuda', 'cudnn', '9'), removeDependency('cuda', 'cudnn'))).toEqual([
      removeDependency('cuda', 'cudnn')
    ]);
  });

  test('what comes back to what the file says is nothing', () => {
    expect(pending(setDependency('cuda', 'cudnn', '9'), setDependency('cuda', 'cudnn', '8.6.*'))).toEqual([]);
    expect(pending(removeDependency('cuda', 'cudnn'), setDependency('cuda', 'cudnn', '8.6.*'))).toEqual([]);
    expect(pending(setEnvironment('cuda', 'cuda dev'), setEnvironment('cuda', 'cuda'))).toEqual([]);
    expect(pending(setDependency('cuda', 'cudnn', '8.6.*'))).toEqual([]);
  });

  test('channels, variables, indexes and conflicts likewise', () => {
    const channels = (names: string[] | null): Edit => ({
      op: 'set-channels',
      feature: named('cuda'),
      channels: names
    });
    expect(pending(channels(['nvidia']), channels(null))).toEqual([]);
    const variable = { feature: named('cuda'), name: 'A', target: '' };
    expect(
      pending({ op: 'set-variable', ...variable, value: '1' }, { op: 'remove-variable', ...variable })
    ).toEqual([]);
    const index = { name: 'own', url: 'https://example.org', explicit: true };
    expect(pending({ op: 'set-index', ...index }, { op: 'remove-index', name: 'own' })).toEqual([]);
    const set: Edit = { op: 'set-conflicts', conflicts: [[named('cuda'), named('dev')]] };
    expect(pending(set, { op: 'set-conflicts', conflicts: [] })).toEqual([]);
    const source = { op: 'set-source', package: 'torch', feature: named('cuda') } as const;
    expect(pending({ ...source, index: 'own' }, { ...source, index: null })).toEqual([]);
  });
});

describe('environments', () => {
  test('one that is new has what was chosen last, and its last name', () => {
    expect(
      pending(addEnvironment('new'), setEnvironment('new', 'cuda'), renameEnvironment('new', 'newer'))
    ).toEqual([addEnvironment('newer', 'cuda')]);
  });

  test('one that is new can have a feature that is newer', () => {
    const edits = [addEnvironment('new'), addFeature('newer'), setEnvironment('new', 'newer')];
    expect(pending(...edits)).toEqual([addFeature('newer'), addEnvironment('new', 'newer')]);
  });

  test('removed and added again is changed', () => {
    expect(pending(removeEnvironment('cuda'), addEnvironment('cuda', 'dev'))).toEqual([
      setEnvironment('cuda', 'dev')
    ]);
  });

  test('renamed twice is renamed once; there and back is nothing', () => {
    expect(pending(renameEnvironment('cuda', 'a'), renameEnvironment('a', 'b'))).toEqual([
      renameEnvironment('cuda', 'b')
    ]);
    expect(pending(renameEnvironment('cuda', 'a'), renameEnvironment('a', 'cuda'))).toEqual([]);
  });

  test('renamed, changed and removed is still removed', () => {
    expect(
      pending(renameEnvironment('cuda', 'a'), setEnvironment('a', 'dev'), removeEnvironment('a'))
    ).toEqual([renameEnvironment('cuda', 'a'), removeEnvironment('a')]);
  });
});

describe('features', () => {
  test('one that is new takes its name and its edits with it', () => {
    const edits = [addFeature('new'), setDependency('new', 'numpy', ''), setEnvironment('cuda', 'cuda new')];
    expect(pending(...edits, renameFeature('new', 'newer'))).toEqual([
      addFeature('newer'),
      setDependency('newer', 'numpy', ''),
      setEnvironment('cuda', 'cuda newer')
    ]);
    expect(pending(...edits, removeFeature('new'))).toEqual([removeFeature('new')].slice(1));
  });

  test('what was said about one is gone when it is removed', () => {
    expect(pending(setDependency('cuda', 'cudnn', '9'), removeFeature('cuda'))).toEqual([
      removeFeature('cuda')
    ]);
  });

  test('one that is renamed is compared with what it was', () => {
    const renamed = renameFeature('cuda', 'gpu');
    expect(
      pending(renamed, setDependency('gpu', 'cudnn', '9'), setDependency('gpu', 'cudnn', '8.6.*'))
    ).toEqual([renamed]);
    expect(pending(renamed, setDependency('gpu', 'cudnn', '9'), removeDependency('gpu', 'cudnn'))).toEqual([
      renamed,
      removeDependency('gpu', 'cudnn')
    ]);
    expect(pending(renamed, removeDependency('gpu', 'cudnn'))).toEqual([
      renamed,
      removeDependency('gpu', 'cudnn')
    ]);
  });

  test('edits on both sides of a rename stay apart', () => {
    const edits = [
      setDependency('cuda', 'nvtx', '1'),
      renameFeature('cuda', 'gpu'),
      setDependency('gpu', 'nvtx', '2')
    ];
    expect(pending(...edits)).toEqual(edits);
  });

  test('removed and added again begins anew', () => {
    const edits = [removeFeature('cuda'), addFeature('cuda'), setDependency('cuda', 'cudnn', '8.6.*')];
    expect(pending(...edits)).toEqual(edits);
  });
});

test('a list is not changed in place', () => {
  const edits = Object.freeze([setDependency('cuda', 'cudnn', '9')]) as Edit[];
  expect(pend(edits, setDependency('cuda', 'cudnn', '10'), disk)).not.toBe(edits);
});

test('a toggle that comes back has the place that it had', () => {
  const [, , dev] = disk.environments;
  const less = toggled(dev, named('cuda'), dev);
  expect(less.features).toEqual([named('dev')]);
  expect(toggled({ ...dev, features: less.features }, named('cuda'), dev).features).toEqual(dev.features);
});

test('the base is in or out', () => {
  const [environment] = disk.environments;
  expect(toggled(environment, named(''), environment).with_base).toBe(false);
});

describe('conflicts', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(name => ({ kind: 'extra' as const, name }));

  test('are sets of two', () => {
    expect(excluding([], a, b, true)).toEqual([[a, b]]);
    expect(excluding([[b, a]], a, b, false)).toEqual([]);
  });

  test('of three, one pair less leaves the other two pairs', () => {
    expect(excluding([[a, b, c]], a, b, false)).toEqual([
      [b, c],
      [a, c]
    ]);
  });
});

describe('what an edit concerns', () => {
  const after = (features: Record<string, string>, environments: Record<string, string>): string[] =>
    concerned(disk, outline(features, environments));
  const features = { '': 'python 3.12', cuda: 'cudnn 8.6.*, cudatoolkit 11', dev: '' };
  const environments = { default: '', cuda: 'cuda', dev: 'cuda dev' };

  test('nothing where nothing changed but the lines', () => {
    const moved = outline(features, environments);
    moved.features.forEach(feature => (feature.line = 99));
    expect(concerned(disk, moved)).toEqual([]);
  });

  test('the environments of a feature', () => {
    expect(after({ ...features, cuda: 'cudnn 9' }, environments)).toEqual(['cuda', 'dev']);
    expect(after({ ...features, dev: 'pytest' }, environments)).toEqual(['dev']);
    expect(after({ ...features, '': 'python 3.13' }, environments)).toEqual(['default', 'cuda', 'dev']);
  });

  test('one that is toggled, or new', () => {
    expect(after(features, { ...environments, default: 'dev', new: '' })).toEqual(['default', 'new']);
  });

  test('those of the same solve group', () => {
    const [before, now] = [outline(features, environments), outline({ ...features, dev: 'x' }, environments)];
    [before, now].forEach(({ environments }) => environments.forEach(found => (found.solve_group = 'all')));
    expect(concerned(before, now)).toEqual(['default', 'cuda', 'dev']);
  });

  test('is built where it is in use, the current notebook’s first', () => {
    const all = [
      environment('worker', 'default', { state: 'ready' }),
      environment('worker', 'cuda'),
      environment('worker', 'dev', { state: 'failed' }),
      environment('worker', 'mac', { state: 'ready', here: false })
    ];
    const names = all.map(({ name }) => name);
    const build = (environments: string[], added: string[], current: string | null): string[] =>
      worthBuilding({ environments, added }, all, current);
    expect(build(names, [], null)).toEqual(['default', 'dev']);
    expect(build(names, [], 'cuda')).toEqual(['cuda', 'default', 'dev']);
    expect(build(names, ['cuda'], 'dev')).toEqual(['dev', 'default', 'cuda']);
    expect(build(['cuda', 'mac'], [], null)).toEqual(['cuda']);
    expect(build(['mac'], [], null)).toEqual([]);
    expect(build(['fast', 'cuda'], ['fast'], null)).toEqual(['fast']);
  });

  test('is built where a kernel runs, before what nobody has used', () => {
    const all = [environment('worker', 'badver'), environment('worker', 'cpu', { kernels: ['k1'] })];
    expect(worthBuilding({ environments: ['badver', 'cpu'], added: [] }, all, null)).toEqual(['cpu']);
  });

  test('is named on the button, where there is room', () => {
    const trans = nullTranslator.load('');
    expect(buildText([], trans)).toBe('Apply and build');
    expect(buildText(['cuda', 'dev'], trans)).toBe('Apply and build cuda, dev');
    expect(buildText(['with-everything', 'without-anything'], trans)).toBe('Apply and build 2 environments');
  });
});
