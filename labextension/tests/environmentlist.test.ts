import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type { CurrentEnvironment } from '../src/current';
import { EnvironmentList } from '../src/environments/list';
import { EnvironmentsModel } from '../src/model';
import { Selection } from '../src/selection';
import type { Environment } from '../src/wire';
import { World, environment, workspace } from './world';

const trans = nullTranslator.load('');

/** What the notebook in front has, as a test says. */
class Front {
  environment: Environment | undefined;
  readonly changed = new Signal<this, void>(this);

  set(found: Environment | undefined): void {
    this.environment = found;
    this.changed.emit();
  }
}

let world: World;
let model: EnvironmentsModel;
let front: Front;
let selection: Selection;
let list: EnvironmentList;

beforeEach(async () => {
  world = new World();
  world.workspaces = [workspace('tide'), workspace('moor', { path: 'deep/moor' })];
  world.environments = [
    environment('tide', 'cpu', { state: 'ready' }),
    environment('tide', 'cuda', { gpu: true, features: [{ kind: 'feature', name: 'nvidia' }] }),
    environment('moor', 'default', { state: 'failed' })
  ];
  model = new EnvironmentsModel(world.manager);
  front = new Front();
  selection = new Selection(model, front as unknown as CurrentEnvironment);
  list = new EnvironmentList(model, selection, trans);
  await model.refresh();
});

afterEach(() => {
  list.dispose();
  model.dispose();
});

function shown(): string[] {
  return list.rows.map(({ group, environment }) => (environment ? `- ${environment.name}` : group.name));
}

function active(): string | undefined {
  const row = list.active;
  return row?.environment?.name ?? row?.group.name;
}

function press(...keys: string[]): string | undefined {
  keys.forEach(key => list.press(key));
  return active();
}

describe('the rows', () => {
  test('are workspaces by name, each with its environments', () => {
    expect(shown()).toEqual(['moor', '- default', 'tide', '- cpu', '- cuda']);
  });

  test('begin with the workspace of the folder', () => {
    list.folder = 'tide/notebooks';
    expect(shown()[0]).toBe('tide');
  });

  test('have a manifest that cannot be read where its workspace was', async () => {
    const problem = { code: 'manifest-invalid', message: 'Wrong.', remedy: '', detail: '' };
    world.problems = [{ ...problem, manifest: 'shore/pixi.toml' }];
    await model.refresh();
    expect(shown()).toEqual(['moor', '- default', 'shore', 'tide', '- cpu', '- cuda']);
    expect(list.rows[2].group.problem?.message).toBe('Wrong.');
  });

  test('are the same keys when they are told anew', async () => {
    const before = list.rows.map(row => row.key);
    world.environments[0] = environment('tide', 'cpu', { state: 'drifted' });
    await model.refresh();
    expect(list.rows.map(row => row.key)).toEqual(before);
  });
});

describe('the filter finds', () => {
  test.each([
    ['cud', ['tide', '- cuda']],
    ['TIDE', ['tide', '- cpu', '- cuda']],
    ['tide ready', ['tide', '- cpu']],
    ['failed', ['moor', '- default']],
    ['gpu', ['tide', '- cuda']],
    ['nvidia', ['tide', '- cuda']],
    ['deep/', ['moor', '- default']],
    ['pixi', ['moor', '- default', 'tide', '- cpu', '- cuda']],
    ['ready nvidia', []],
    ['  ', ['moor', '- default', 'tide', '- cpu', '- cuda']]
  ])('%j', (text, found) => {
    list.query = text;
    expect(shown()).toEqual(found);
  });

  test('also what is folded', () => {
    list.fold('tide/pixi.toml');
    list.query = 'cuda';
    expect(shown()).toEqual(['tide', '- cuda']);
    list.query = '';
    expect(shown()).toEqual(['moor', '- default', 'tide']);
  });

  test('an environment by the state that it has now', async () => {
    list.query = 'building';
    expect(shown()).toEqual([]);
    world.environments[0] = environment('tide', 'cpu', { state: 'building', fraction: 0.4 });
    await model.refresh();
    expect(shown()).toEqual(['tide', '- cpu']);
  });
});

describe('the keyboard', () => {
  test('begins at the first row', () => {
    expect(active()).toBe('moor');
  });

  test('goes up and down, and stays at the ends', () => {
    expect(press('ArrowDown', 'ArrowDown', 'ArrowDown')).toBe('cpu');
    expect(press('ArrowUp')).toBe('tide');
    expect(press('End', 'ArrowDown')).toBe('cuda');
    expect(press('Home', 'ArrowUp')).toBe('moor');
  });

  test('goes to the workspace, folds it, unfolds it, and goes in again', () => {
    press('End');
    expect(press('ArrowLeft')).toBe('tide');
    press('ArrowLeft');
    expect(shown()).toEqual(['moor', '- default', 'tide']);
    expect(press('ArrowRight')).toBe('tide');
    expect(shown()).toContain('- cpu');
    expect(press('ArrowRight')).toBe('cpu');
    expect(press('ArrowRight')).toBe('cpu');
  });

  test('leaves other keys alone', () => {
    expect(list.press('a')).toBe(false);
    expect(list.press('ArrowDown')).toBe(true);
  });
});

describe('the selection', () => {
  test('goes to the workspace when its environment is folded away', () => {
    selection.select('tide/pixi.toml', 'cuda');
    list.fold('tide/pixi.toml');
    expect(selection.name).toBeNull();
    expect(active()).toBe('tide');
    expect(list.folded).toEqual(['tide/pixi.toml']);
  });

  test('follows the notebook in front, and unfolds what is hidden', () => {
    list.fold('tide/pixi.toml');
    front.set(model.environment({ manifest: 'tide/pixi.toml', name: 'cuda' }));
    expect(active()).toBe('cuda');
    expect(list.rows.filter(row => list.isCurrent(row)).map(row => row.environment?.name)).toEqual(['cuda']);
  });

  test('stays when the notebook in front has no environment', () => {
    front.set(model.environment({ manifest: 'tide/pixi.toml', name: 'cuda' }));
    front.set(undefined);
    expect(active()).toBe('cuda');
    expect(list.rows.some(row => list.isCurrent(row))).toBe(false);
  });

  test('is what commands without arguments are about', () => {
    selection.select('tide/pixi.toml', 'cuda');
    expect(selection.environmentOf({})?.name).toBe('cuda');
    expect(selection.environmentOf({ manifest: 'tide/pixi.toml', environment: 'cpu' })?.name).toBe('cpu');
    expect(selection.workspaceOf({})?.name).toBe('tide');
    expect(selection.workspaceOf({ workspace: 'moor/pixi.toml' })?.name).toBe('moor');
    selection.select('moor/pixi.toml');
    expect(selection.environmentOf({})).toBeUndefined();
  });
});

test('says nothing when it is done with', () => {
  let said = 0;
  list.changed.connect(() => (said += 1));
  list.dispose();
  selection.select('tide/pixi.toml', 'cuda');
  expect(said).toBe(0);
});
