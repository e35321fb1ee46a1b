import { StateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';

import { FeaturesModel } from '../src/features/model';
import type { IEnvironments } from '../src/tokens';
import type { Problem, Workspace } from '../src/wire';
import { ManifestServer, named, setDependency } from './manifests';
import { workspace } from './world';

/** What is found, as a test says, and a server with the manifest of `worker`. */
class Found {
  readonly server = new ManifestServer();
  readonly api = this.server.api;
  isReady = true;
  unreachable: Problem | null = null;
  workspaces: Workspace[] = [workspace('worker'), workspace('other')];
  problems: Problem[] = [];
  readonly changed = new Signal<this, void>(this);
}

let found: Found;
let store: StateDB;
const models: FeaturesModel[] = [];

beforeEach(() => {
  found = new Found();
  store = new StateDB();
});

afterEach(() => models.splice(0).forEach(model => model.dispose()));

/** The section, as a page shows it that is loaded now. */
async function shown(): Promise<FeaturesModel> {
  const model = new FeaturesModel(found as unknown as IEnvironments, store);
  models.push(model);
  await model.restored;
  model.isVisible = true;
  await settled();
  return model;
}

/** Until what was asked is answered. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise(resolve => setTimeout(resolve, 1));
  }
}

describe('the workspace', () => {
  test('is the first that can be edited', async () => {
    found.workspaces[0].editable = false;
    expect((await shown()).workspace).toBe('other/pixi.toml');
  });

  test('is none until one is found', async () => {
    [found.workspaces, found.isReady] = [[], false];
    const model = await shown();
    expect([model.workspace, found.server.asked]).toEqual([null, []]);
    [found.workspaces, found.isReady] = [[workspace('worker')], true];
    found.changed.emit();
    await settled();
    expect(model.shownFeature?.feature.kind).toBe('base');
  });

  test('follows the notebook, but not away from what is pending', async () => {
    const model = await shown();
    await model.follow('other/pixi.toml');
    expect(model.workspace).toBe('other/pixi.toml');
    await model.select('worker/pixi.toml');
    await settled();
    await model.editing?.change(setDependency('cuda', 'nvtx', '1'));
    await model.follow('other/pixi.toml');
    expect(model.workspace).toBe('worker/pixi.toml');
  });

  test('is the same after a reload, with what was pending', async () => {
    const before = await shown();
    await before.select('other/pixi.toml');
    await settled();
    await before.editing?.change(setDependency('cuda', 'nvtx', '1'));
    before.dispose();
    const model = await shown();
    expect(model.workspace).toBe('other/pixi.toml');
    expect(model.editing?.edits).toEqual([setDependency('cuda', 'nvtx', '1')]);
  });

  test('is another one where that of before is gone', async () => {
    await store.save('appose-kernel:features', { workspace: 'gone/pixi.toml', kept: {} });
    found.server.missing = 'gone/pixi.toml';
    expect((await shown()).workspace).toBe('worker/pixi.toml');
  });

  test('is still that of before where its manifest cannot be read', async () => {
    await store.save('appose-kernel:features', { workspace: 'gone/pixi.toml', kept: {} });
    found.server.missing = 'gone/pixi.toml';
    found.problems = [
      { code: 'manifest-invalid', message: '', remedy: '', detail: '', manifest: 'gone/pixi.toml' }
    ];
    expect((await shown()).workspace).toBe('gone/pixi.toml');
  });
});

describe('the manifest', () => {
  test('is not asked for while nobody looks', async () => {
    const model = await shown();
    const asked = found.server.asked.length;
    expect(asked).toBeGreaterThan(0);
    model.isVisible = false;
    await model.select('other/pixi.toml');
    await settled();
    expect(found.server.asked).toHaveLength(asked);
  });

  test('is not asked for while the server is known to be away', async () => {
    found.unreachable = { code: 'unreachable', message: '', remedy: '', detail: '' };
    const model = await shown();
    expect([found.server.asked, model.editing?.problem]).toEqual([[], null]);
  });

  test('of a workspace that is not edited here is not read', async () => {
    found.workspaces = [workspace('worker'), workspace('fixed', { editable: false })];
    const model = await shown();
    const asked = found.server.asked.length;
    await model.select('fixed/pixi.toml');
    await settled();
    expect(found.server.asked).toHaveLength(asked);
  });
});

test('a feature is shown where it has something to show', async () => {
  const model = await shown();
  model.show(named('cuda'));
  expect([model.shownFeature?.feature.name, model.target]).toEqual(['cuda', '']);
  model.show(named('cuda'), 'linux-64');
  expect(model.target).toBe('linux-64');
  model.show(named('none'));
  expect(model.shownFeature?.feature.kind).toBe('base');
});
