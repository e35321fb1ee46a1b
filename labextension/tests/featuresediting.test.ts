import { Editing } from '../src/features/editing';
import type { Edit } from '../src/wire';
import {
  ManifestServer,
  outline,
  removeDependency,
  setDependency,
  setEnvironment,
  textOf
} from './manifests';

let server: ManifestServer;
let editing: Editing;

beforeEach(async () => {
  server = new ManifestServer();
  editing = await opened();
});

afterEach(() => editing.dispose());

async function opened(kept?: ConstructorParameters<typeof Editing>[3]): Promise<Editing> {
  const made = new Editing(server.api, 'worker/pixi.toml', () => false, kept);
  await made.refresh();
  return made;
}

/** What another program makes of the file. */
function write(features: Record<string, string>, environments?: Record<string, string>): void {
  server.text = textOf(outline(features, environments));
}

function spec(name: string, of = editing): string | undefined {
  const cuda = of.outline?.features.find(({ feature }) => feature.name === 'cuda');
  return cuda?.dependencies.find(found => found.name === name)?.spec;
}

describe('edits', () => {
  test('gather, and are shown as the server would make them; nothing is written', async () => {
    const before = server.text;
    expect(await editing.change(setDependency('cuda', 'cudnn', '8.9.*'))).toBe(true);
    expect(await editing.change(setDependency('cuda', 'nvtx', '>=0.2'))).toBe(true);
    expect(editing.edits).toHaveLength(2);
    expect([spec('cudnn'), spec('nvtx')]).toEqual(['8.9.*', '>=0.2']);
    expect(server.text).toBe(before);
  });

  test('made at once are made one after the other', async () => {
    await Promise.all([
      editing.change(setDependency('cuda', 'nvtx', '1')),
      editing.change(setEnvironment('default', 'cuda')),
      editing.change(setDependency('cuda', 'nvtx', '2'))
    ]);
    expect(editing.edits).toEqual([setDependency('cuda', 'nvtx', '2'), setEnvironment('default', 'cuda')]);
  });

  test('that are still being checked are written with those before', async () => {
    let checked: (edit: Edit | null) => void = () => undefined;
    const changed = editing.change(new Promise<Edit | null>(resolve => (checked = resolve)));
    const applied = editing.apply();
    checked(setDependency('cuda', 'nvtx', '1'));
    expect(await changed).toBe(true);
    expect(await applied).not.toBeNull();
    expect(editing.isPending).toBe(false);
    expect(spec('nvtx')).toBe('1');
  });

  test('that turn out to be wrong are none', async () => {
    expect(await editing.change(Promise.resolve(null))).toBe(false);
    expect(editing.isPending).toBe(false);
  });

  test('that come to nothing ask for nothing', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    await editing.change(removeDependency('cuda', 'nvtx'));
    expect(editing.isPending).toBe(false);
    expect(editing.edited).toBeNull();
  });

  test('that are refused are taken back, with the reason; the others stay', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    expect(await editing.change(setDependency('cuda', 'refused', ''))).toBe(false);
    expect(editing.refusal?.problem.message).toBe('It cannot be.');
    expect(editing.edits).toEqual([setDependency('cuda', 'nvtx', '1')]);
    await editing.change(setDependency('cuda', 'nvtx', '2'));
    expect(editing.refusal).toBeNull();
  });

  test('are discarded', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    await editing.discard();
    expect(editing.isPending).toBe(false);
    expect(spec('nvtx')).toBeUndefined();
  });

  test('that the network swallows are told, and not lost sight of', async () => {
    server.isDown = true;
    expect(await editing.change(setDependency('cuda', 'nvtx', '1'))).toBe(false);
    expect(editing.refusal?.problem.code).toBe('unreachable');
  });
});

describe('what is applied', () => {
  test('is written, and concerns the environments that have it', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    expect(await editing.apply()).toEqual({ environments: ['cuda'], added: [] });
    expect(server.text).toContain('nvtx');
    expect(editing.isPending).toBe(false);
    expect(spec('nvtx')).toBe('1');
  });

  test('is undone to the byte, once', async () => {
    const before = server.text;
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    await editing.apply();
    expect(editing.canUndo).toBe(true);
    expect(await editing.undo()).toBe(true);
    expect(server.text).toBe(before);
    expect(spec('nvtx')).toBeUndefined();
    expect(editing.canUndo).toBe(false);
  });

  test('can be undone after a reload', async () => {
    const before = server.text;
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    await editing.apply();
    const later = await opened(JSON.parse(JSON.stringify(editing.kept)));
    expect(later.canUndo).toBe(true);
    await later.undo();
    expect(server.text).toBe(before);
    later.dispose();
  });

  test('is not undone once somebody else wrote the file', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    await editing.apply();
    write({ '': 'python 3.13' });
    const theirs = server.text;
    await editing.undo();
    expect(server.text).toBe(theirs);
    expect(editing.canUndo).toBe(false);
  });

  test('says why where it cannot be written, and stays pending', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    server.isDown = true;
    expect(await editing.apply()).toBeNull();
    expect(editing.failure?.code).toBe('unreachable');
    expect(editing.edits).toHaveLength(1);
    server.isDown = false;
    await editing.apply();
    expect(editing.failure).toBeNull();
    expect(server.text).toContain('nvtx');
  });
});

describe('a file that changed on disk meanwhile', () => {
  const theirs = { '': 'python 3.13', cuda: 'cudnn 8.6.*' };

  test('is taken over quietly where nothing is pending', async () => {
    write(theirs);
    await editing.refresh();
    expect(editing.conflict).toBeNull();
    expect(editing.outline?.features[0].dependencies[0].spec).toBe('3.13');
  });

  test.each([
    ['as it is looked at', () => editing.refresh()],
    ['as another edit is made', () => editing.change(setDependency('cuda', 'other', ''))],
    ['as it is to be written', () => editing.apply()]
  ])('is told %s, with the edits made on it', async (_, ask) => {
    const before = server.text;
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    write(theirs);
    const written = server.text;
    await ask();
    expect(editing.conflict).toEqual({ before, refused: [] });
    expect(spec('nvtx')).toBe('1');
    expect(editing.manifest?.text).toBe(written);
    expect(server.text).toBe(written);
    expect(await editing.apply()).toBeNull(); // not before the user has seen it
    editing.keep();
    await editing.apply();
    expect(server.text).toContain('nvtx');
    expect(server.text).toContain('3.13');
  });

  test('shows the edits that cannot be made on it, and keeps the others', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    await editing.change(setDependency('', 'numpy', ''));
    write({ '': 'python 3.13' }, { default: '' });
    await editing.refresh();
    expect(editing.edits).toEqual([setDependency('', 'numpy', '')]);
    expect(editing.conflict?.refused).toMatchObject([
      { edit: setDependency('cuda', 'nvtx', '1'), problem: { message: 'There is no feature cuda.' } }
    ]);
  });

  test('and again: what changed since the edits were made is shown as a whole', async () => {
    const before = server.text;
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    write(theirs);
    await editing.refresh();
    write({ ...theirs, dev: '' });
    await editing.refresh();
    expect(editing.conflict?.before).toBe(before);
  });

  test('is no matter where it says by now what the edits ask for', async () => {
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    write({ '': 'python 3.12', cuda: 'cudnn 8.6.*, nvtx 1' });
    await editing.refresh();
    expect(editing.isPending).toBe(false);
  });

  test('loses nothing where the server is away just then', async () => {
    const before = server.text;
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    write(theirs);
    server.isDown = true;
    await editing.refresh();
    expect(editing.problem?.code).toBe('unreachable');
    expect(editing.edits).toHaveLength(1);
    server.isDown = false;
    await editing.refresh();
    expect(editing.problem).toBeNull();
    expect(editing.conflict?.before).toBe(before);
    expect(spec('nvtx')).toBe('1');
  });

  test('is told after a reload, too', async () => {
    const before = server.text;
    await editing.change(setDependency('cuda', 'nvtx', '1'));
    const kept = JSON.parse(JSON.stringify(editing.kept));
    write(theirs);
    const later = await opened(kept);
    expect(later.conflict?.before).toBe(before);
    expect(spec('nvtx', later)).toBe('1');
    later.dispose();
  });
});

test('a reload keeps what is pending', async () => {
  await editing.change(setDependency('cuda', 'nvtx', '1'));
  const later = await opened(JSON.parse(JSON.stringify(editing.kept)));
  expect(later.conflict).toBeNull();
  expect(spec('nvtx', later)).toBe('1');
  later.dispose();
});
