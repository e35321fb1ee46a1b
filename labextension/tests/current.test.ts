import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Signal } from '@lumino/signaling';

import { CurrentEnvironment } from '../src/current';
import { EnvironmentsModel } from '../src/model';
import { World, environment, workspace } from './world';

/** A notebook, as far as its kernel goes. */
class Notebook {
  readonly sessionContext = {
    session: null as { kernel: { id: string } } | null,
    kernelChanged: new Signal<object, void>({})
  };

  start(id: string): void {
    this.sessionContext.session = { kernel: { id } };
    this.sessionContext.kernelChanged.emit();
  }
}

class Shell {
  currentWidget: object | null = null;
  readonly currentChanged = new Signal<this, void>(this);

  show(widget: object | null): void {
    this.currentWidget = widget;
    this.currentChanged.emit();
  }
}

let world: World;
let model: EnvironmentsModel;
let shell: Shell;
let current: CurrentEnvironment;
let moves: number;

beforeEach(async () => {
  world = new World();
  world.workspaces = [workspace('tide')];
  world.environments = [
    environment('tide', 'cpu', { kernels: ['k1'] }),
    environment('tide', 'cuda', { kernels: ['k2', 'k3'] })
  ];
  model = new EnvironmentsModel(world.manager);
  await model.refresh();
  shell = new Shell();
  current = new CurrentEnvironment(shell as unknown as JupyterFrontEnd.IShell, model);
  moves = 0;
  current.changed.connect(() => (moves += 1));
});

afterEach(() => model.dispose());

test('is none without a notebook in front', () => {
  shell.show({});
  shell.show(null);
  expect(current.environment).toBeUndefined();
  expect(moves).toBe(0);
});

test('is that of the kernel of the notebook in front', () => {
  const [one, other] = [new Notebook(), new Notebook()];
  one.start('k1');
  other.start('k2');
  shell.show(one);
  expect(current.environment?.name).toBe('cpu');
  shell.show(other);
  expect(current.environment?.name).toBe('cuda');
  expect(moves).toBe(2);
});

test('changes with the kernel', () => {
  const notebook = new Notebook();
  shell.show(notebook);
  notebook.start('k1');
  expect(current.environment?.name).toBe('cpu');
  notebook.start('k2');
  notebook.start('k3');
  expect(moves).toBe(2);
});

test('does not listen to notebooks that are behind', () => {
  const notebook = new Notebook();
  shell.show(notebook);
  shell.show(null);
  notebook.start('k1');
  expect(current.environment).toBeUndefined();
});

test('is there once the server knows the kernel, and is the newest that is known', async () => {
  const notebook = new Notebook();
  shell.show(notebook);
  notebook.start('k9');
  expect(current.environment).toBeUndefined();
  world.environments = [environment('tide', 'cpu', { kernels: ['k9'], state: 'building' })];
  await model.refresh();
  expect(current.environment?.state).toBe('building');
  world.environments = [environment('tide', 'cpu', { kernels: ['k9'], state: 'ready' })];
  await model.refresh();
  expect(current.environment?.state).toBe('ready');
  expect(moves).toBe(1);
});
