import { nullTranslator } from '@jupyterlab/translation';

import { cards } from '../src/launcher/cards';
import type { ICard } from '../src/launcher/cards';
import { ALL } from '../src/showing';
import type { IShowing } from '../src/showing';
import type { IEnvironments } from '../src/tokens';
import type { Environment, Problem, Workspace } from '../src/wire';
import { environment, workspace } from './world';

interface IFound {
  workspaces: Workspace[];
  environments?: Environment[];
  problems?: Problem[];
}

/** The cards as the launcher draws them: categories and cards by rank. */
function drawn({ workspaces, environments, problems = [] }: IFound, folder = '', showing = ALL): ICard[] {
  const all =
    environments ?? workspaces.map(({ name, manifest }) => environment(name, 'default', { manifest }));
  const environmentsOf = (of: Workspace): Environment[] =>
    all.filter(found => found.manifest === of.manifest);
  const model = { workspaces, problems, environmentsOf } as unknown as IEnvironments;
  const found = cards(model, folder, showing, nullTranslator.load(''));
  return found.sort((one, other) => one.categoryRank - other.categoryRank || one.rank - other.rank);
}

function categories(found: ICard[]): string[] {
  return [...new Set(found.map(card => card.category))];
}

describe('cards', () => {
  const two = [workspace('zoo'), workspace('proj')];

  it('are one for each environment, in the order of the manifest', () => {
    const environments = [environment('proj', 'default'), environment('proj', 'cuda')];
    const found = drawn({ workspaces: two, environments });
    expect(found.map(card => [card.category, card.label, card.kernelspec])).toEqual([
      ['proj', 'default', 'appose.proj.default'],
      ['proj', 'cuda', 'appose.proj.cuda']
    ]);
  });

  it('are of the workspace around the folder first, above the notebooks of JupyterLab', () => {
    const found = drawn({ workspaces: two }, 'zoo/notes');
    expect(categories(found)).toEqual(['zoo', 'proj']);
    expect(found[0].categoryRank).toBeLessThan(0);
    expect(found[1].categoryRank).toBeGreaterThan(0);
    expect(found[1].categoryRank).toBeLessThan(20);
  });

  it('say where workspaces of one name are', () => {
    const workspaces = [
      workspace('proj'),
      workspace('proj', { path: 'old/proj', manifest: 'old/proj/pixi.toml' })
    ];
    expect(categories(drawn({ workspaces }))).toEqual(['proj (old/proj)', 'proj (proj)']);
  });

  it('are none where no kernel can be started', () => {
    const environments = [environment('proj', 'mac', { kernelspec: null })];
    expect(drawn({ workspaces: two, environments })).toEqual([]);
  });

  it("are none for a notebook's own environment", () => {
    const workspaces = [workspace('a', { manifest: 'a.ipynb', format: 'script' })];
    const environments = [environment('a', 'default', { manifest: 'a.ipynb', kernelspec: 'appose' })];
    expect(drawn({ workspaces, environments })).toEqual([]);
  });

  it('are also of the kernels that an environment brings itself', () => {
    const own_kernels = [
      { kernelspec: 'appose.proj.r.ir', display_name: 'R', language: 'R' },
      { kernelspec: null, display_name: 'Julia', language: 'julia' }
    ];
    const environments = [environment('proj', 'r', { own_kernels })];
    const found = drawn({ workspaces: two, environments });
    expect(found.map(card => card.label)).toEqual(['r', 'r (R)']);
    expect(found[1].kernelspec).toBe('appose.proj.r.ir');
  });

  it('stay the same while a build goes on', () => {
    const at = (fraction: number): ICard[] =>
      drawn({
        workspaces: two,
        environments: [environment('proj', 'cuda', { state: 'building', fraction })]
      });
    expect(at(0.2)).toEqual(at(0.4));
  });

  it('tell of a manifest that cannot be read', () => {
    const problem = { code: 'manifest-invalid', message: 'Line 3.', remedy: 'Close it.', detail: '' };
    const problems = [
      { ...problem, manifest: 'old/pixi.toml' },
      { ...problem, manifest: '/opt/pixi.toml' }
    ];
    const found = drawn({ workspaces: [], problems });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      category: 'old',
      label: 'pixi.toml cannot be read',
      caption: 'Line 3. Close it.',
      kernelspec: null,
      manifest: 'old/pixi.toml'
    });
  });

  it.each<[IShowing, string, string[]]>([
    [{ workspaces: 'near', pinned: [] }, 'zoo/notes', ['zoo']],
    [{ workspaces: 'near', pinned: [] }, '', ['proj', 'zoo']],
    [{ workspaces: 'near', pinned: ['proj'] }, 'zoo', ['zoo', 'proj']],
    [{ workspaces: 'pinned', pinned: ['zoo/'] }, '', ['zoo']],
    [{ workspaces: 'pinned', pinned: ['proj/pixi.toml'] }, 'zoo', ['proj']],
    [{ workspaces: 'pinned', pinned: [] }, 'zoo', []]
  ])('of %j in “%s” are %j', (showing, folder, expected) => {
    expect(categories(drawn({ workspaces: two }, folder, showing))).toEqual(expected);
  });
});
