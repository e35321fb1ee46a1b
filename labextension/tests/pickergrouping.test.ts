import type { ISessionContext, SessionContextDialogs } from '@jupyterlab/apputils';

import { groupKernels, grouped } from '../src/picker/grouping';
import type { IDialogs } from '../src/picker/grouping';
import { ALL } from '../src/showing';
import type { IShowing } from '../src/showing';
import type { IEnvironments } from '../src/tokens';
import type { Workspace } from '../src/wire';
import { environment, workspace } from './world';

type Options = SessionContextDialogs.IKernelOptions;

const workspaces = [workspace('alpha'), workspace('beta'), workspace('gamma')];
const environments = ['alpha', 'beta', 'gamma'].flatMap(name =>
  ['default', 'cuda'].map(each => environment(name, each))
);
const workspaceOf = (key: { manifest: string }): Workspace | undefined =>
  workspaces.find(found => found.manifest === key.manifest);
const model = { workspaces, environments, workspaceOf } as unknown as IEnvironments;

function start(name: string): Options['groups'][number]['options'][number] {
  return { text: name, value: JSON.stringify({ name }) };
}

/** As JupyterLab 4.6 has them, by name. */
function theirs(): Options {
  const names = environments.map(each => each.kernelspec!).sort();
  return {
    disabled: false,
    groups: [
      { label: 'Start python Kernel', options: [...names, 'python3'].map(start) },
      { label: 'Use No Kernel', options: [{ text: 'No Kernel', value: 'null' }] },
      { label: 'Start Kernel', options: [start('ir')] },
      { label: 'Connect to Existing python Kernel', options: [{ text: 'a.ipynb', value: '{"id": "1"}' }] }
    ]
  };
}

function groups(options: Options, path: string, showing: IShowing = ALL): string[][] {
  const { groups } = grouped(options, model, path, showing);
  return groups.map(({ label, options }) => [label, ...options.map(option => option.text)]);
}

describe('kernels to choose from', () => {
  it('are by workspace, the one around the notebook first, and those of others last', () => {
    expect(groups(theirs(), 'beta/notes/a.ipynb')).toEqual([
      ['beta', 'appose.beta.default', 'appose.beta.cuda'],
      ['alpha', 'appose.alpha.default', 'appose.alpha.cuda'],
      ['gamma', 'appose.gamma.default', 'appose.gamma.cuda'],
      ['Start python Kernel', 'python3'],
      ['Use No Kernel', 'No Kernel'],
      ['Start Kernel', 'ir'],
      ['Connect to Existing python Kernel', 'a.ipynb']
    ]);
  });

  it('are those that the settings want, those of the notebook itself, and what it has', () => {
    const options = theirs();
    options.groups[0].options.find(option => option.text === 'appose.alpha.cuda')!.selected = true;
    const found = groups(options, 'beta/a.ipynb', { workspaces: 'pinned', pinned: [] });
    expect(found.map(([label]) => label).slice(0, 3)).toEqual(['beta', 'alpha', 'Start python Kernel']);
    expect(grouped(options, model, 'beta/a.ipynb', ALL).groups[1].options[1].selected).toBe(true);
  });

  it('have no group left without options, but those that had none', () => {
    const options = { groups: [{ label: 'Start Kernel', options: [start('appose.beta.cuda')] }] };
    expect(groups(options, '')).toEqual([['beta', 'appose.beta.cuda']]);
    expect(groups({ groups: [{ label: 'Connect', options: [] }] }, '')).toEqual([['Connect']]);
  });
});

const notebook = { path: 'alpha/a.ipynb' } as ISessionContext;

/** What the dialog gets to show for what JupyterLab's function gives. */
function asked(theirs: unknown): unknown {
  const dialogs: IDialogs = { kernelOptions: () => theirs as Options };
  groupKernels(dialogs, model, () => ALL);
  return dialogs.kernelOptions(notebook);
}

describe('the dialog “Select Kernel”', () => {
  it('has groups by workspace', () => {
    const options = [{ text: 'alpha · cuda', value: '{"name": "appose.alpha.cuda"}' }];
    expect(asked({ groups: [{ label: 'Start Kernel', options }] })).toEqual({
      groups: [{ label: 'alpha', options }]
    });
  });

  it.each([
    [undefined],
    [{}],
    [{ groups: [{ label: 'a', items: [] }] }],
    [{ groups: [{ label: 'a', options: [{ value: 'no JSON' }] }] }]
  ])('stays as it is where it is another than expected: %j', theirs => {
    expect(asked(theirs)).toBe(theirs);
  });
});
