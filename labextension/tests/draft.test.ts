import { ServerConnection } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';

import { DraftModel, split } from '../src/newenvironment/draft';
import { Api } from '../src/request';
import type { Draft, Problem } from '../src/wire';

/** The real one. */
const later = setTimeout;

let drafts: Draft[];
let refusal: Problem | null;
let suggestion: object | null;
let draft: DraftModel;
/** Answers wait for it. */
let gate: Promise<void>;

function answer(request: Request, body: string): object | null {
  if (request.method === 'GET') {
    return suggestion;
  }
  const asked = JSON.parse(body) as Draft;
  drafts.push(asked);
  return refusal
    ? null
    : {
        manifest: `${asked.folder}/pixi.toml`,
        text: `name = "${asked.name}"`,
        notes: [],
        workspace: asked.write ? asked.folder : null
      };
}

const api = new Api(
  ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    token: '',
    fetch: async input => {
      const request = input as Request;
      const found = answer(request, await request.text());
      const body = found ?? refusal ?? problem('there is no such file');
      await gate;
      return new Response(JSON.stringify({ version: 1, ...body }), { status: found ? 200 : 422 });
    }
  })
);

function problem(message: string, field?: string): Problem {
  return { code: 'edit-refused', message, remedy: 'Mend it.', detail: '', ...(field ? { field } : {}) };
}

async function pause(milliseconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(milliseconds);
  // answers arrive in real time
  for (let turn = 0; turn < 20; turn++) {
    await new Promise(resolve => later(resolve, 0));
  }
}

beforeEach(() => {
  jest.useFakeTimers();
  drafts = [];
  refusal = null;
  suggestion = null;
  gate = Promise.resolve();
  draft = new DraftModel(api, 'work/Größe 2');
});

afterEach(() => {
  draft.dispose();
  jest.useRealTimers();
});

describe('a draft', () => {
  test('has a name that can be one, from its folder', () => {
    expect(draft.fields.name).toBe('Gr-e-2');
    expect(new DraftModel(api, '').fields.name).toBe('my-environment');
    expect(new DraftModel(api, 'work/…').fields.name).toBe('my-environment');
  });

  test('is shown when nobody has typed for a moment', async () => {
    draft.set({ name: 'a' });
    await pause(100);
    draft.set({ name: 'ab' });
    await pause(200);
    expect(drafts).toEqual([]);
    await pause(100);
    expect(drafts.map(({ name, write }) => [name, write])).toEqual([['ab', false]]);
    expect(draft.drafted?.text).toBe('name = "ab"');
  });

  test('says what is wrong at its field, and keeps what was shown', async () => {
    draft.ask();
    await pause(300);
    refusal = problem('Package `nunpy`: there is none.', 'pypi');
    draft.set({ pypi: 'nunpy' });
    await pause(300);
    expect(draft.wrong).toBe('pypi');
    expect(draft.drafted?.text).toBe('name = "Gr-e-2"');
    refusal = null;
    draft.set({ pypi: 'numpy' });
    await pause(300);
    expect(draft.problem).toBeNull();
  });

  test('has a problem that is about no field of the form', async () => {
    refusal = problem('The disk is full.');
    draft.ask();
    await pause(300);
    expect([draft.problem?.message, draft.wrong]).toEqual(['The disk is full.', null]);
    refusal = problem('Choose a format.', 'something new');
    draft.ask();
    await pause(300);
    expect(draft.wrong).toBeNull();
  });

  test('forgets an answer to what was asked before', async () => {
    refusal = problem('Name: it is empty.', 'name');
    const held = new PromiseDelegate<void>();
    gate = held.promise;
    draft.set({ name: '' });
    await pause(300);
    expect(drafts).toHaveLength(1);
    draft.set({ name: 'again' });
    held.resolve();
    await pause(0);
    expect(draft.problem).toBeNull();
  });

  test('is made as it was typed, without what its format has not', async () => {
    draft.set({
      folder: '/work/new/',
      name: ' new ',
      packages: 'numpy >=2, pandas',
      pypi: 'six',
      channels: 'a, b'
    });
    const made = draft.create();
    expect(draft.isBusy).toBe(true);
    await pause(0);
    expect((await made)?.workspace).toBe('work/new');
    expect(draft.isBusy).toBe(false);
    const { folder, name, packages, pypi, channels, write } = drafts[0];
    expect({ folder, name, packages, pypi, channels, write }).toEqual({
      folder: 'work/new',
      name: 'new',
      packages: ['numpy >=2', 'pandas'],
      pypi: ['six'],
      channels: ['a', 'b'],
      write: true
    });
    draft.set({ format: 'uv' });
    await Promise.all([draft.create(), pause(0)]);
    expect(drafts[1]).toMatchObject({ packages: ['numpy >=2', 'pandas'], pypi: [], channels: [] });
  });

  test('stays where it cannot be made', async () => {
    refusal = problem('work has a pixi.toml already.', 'folder');
    const [made] = await Promise.all([draft.create(), pause(0)]);
    expect([made, draft.wrong, draft.isBusy]).toEqual([null, 'folder', false]);
  });

  test('begins with what a file asks for', async () => {
    suggestion = {
      draft: {
        ...draft.fields,
        folder: 'study',
        packages: ['numpy', 'pandas'],
        pypi: ['six'],
        channels: ['a', 'b']
      },
      notes: ['`pip` is left out.']
    };
    await Promise.all([draft.take('study/environment.yml'), pause(0)]);
    expect(draft.fields).toMatchObject({
      folder: 'study',
      packages: 'numpy\npandas',
      pypi: 'six',
      channels: 'a, b'
    });
    expect(draft.suggested).toEqual(['`pip` is left out.']);
  });

  test('says why a file is no beginning', async () => {
    await Promise.all([draft.take('study/notes.txt'), pause(0)]);
    expect(draft.suggested).toEqual(['there is no such file', 'Mend it.']);
  });
});

test.each([
  ['numpy >=2\npandas', ['numpy >=2', 'pandas']],
  ['numpy>=1,<2, pandas', ['numpy>=1,<2', 'pandas']],
  ['requests[socks,use_chardet_on_py3]>=2, six', ['requests[socks,use_chardet_on_py3]>=2', 'six']],
  ['# mine\n\n  six  \n,', ['six']]
])('%j are the packages %j', (text, packages) => {
  expect(split(text)).toEqual(packages);
});
