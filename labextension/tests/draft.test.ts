import { ServerConnection } from '@jupyterlab/services';

import { DraftModel, split } from '../src/newenvironment/draft';
import { Api } from '../src/request';
import type { Draft, Drafted } from '../src/wire';

/** What a server makes of drafts, one answer after the other. */
class DraftServer {
  readonly asked: Draft[] = [];
  /** Why nothing can be made; of what is asked for from now on. */
  refusal: { code: string; message: string } | null = null;
  suggestion: object | null = null;
  gate: Promise<void> = Promise.resolve();

  readonly api = new Api(
    ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      token: '',
      fetch: (request: RequestInfo | URL) => this.respond(request as Request)
    })
  );

  private async respond(request: Request): Promise<Response> {
    const refused = new Response(JSON.stringify({ remedy: '', detail: '', ...this.refusal }), {
      status: 422
    });
    const { refusal, gate } = this;
    const body = await request.text();
    const draft: Draft | null = body ? JSON.parse(body) : null;
    if (draft) {
      this.asked.push(draft);
    }
    await gate;
    if (refusal) {
      return refused;
    }
    const drafted: Partial<Drafted> = {
      manifest: `${draft?.folder}/pixi.toml`,
      text: draft?.name,
      notes: []
    };
    return new Response(JSON.stringify({ version: 1, ...(draft ? drafted : this.suggestion) }));
  }
}

let server: DraftServer;
let draft: DraftModel;

beforeEach(() => {
  server = new DraftServer();
  draft = new DraftModel(server.api, 'courses/my work');
});

afterEach(() => draft.dispose());

/** Until nobody has typed for a moment, and what was asked then is answered. */
async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 300));
  for (let turn = 0; turn < 20; turn++) {
    await new Promise(resolve => setTimeout(resolve, 1));
  }
}

test('a draft begins with the name of its folder', () => {
  expect(draft.fields).toMatchObject({ folder: 'courses/my work', name: 'my-work' });
  expect(new DraftModel(server.api, '').fields.name).toBe('my-environment');
});

describe('the manifest', () => {
  test('is asked for once after the last key, and not written', async () => {
    draft.set({ name: 'a' });
    draft.set({ name: 'ab' });
    await settled();
    expect(server.asked).toMatchObject([{ name: 'ab', write: false }]);
    expect(draft.drafted?.text).toBe('ab');
  });

  test('stays as it was where it cannot be made, and says at which field', async () => {
    draft.set({ name: 'a' });
    await settled();
    server.refusal = { code: 'edit-refused', message: 'Name `-` is none.' };
    draft.set({ name: '-' });
    await settled();
    expect([draft.drafted?.text, draft.wrong]).toEqual(['a', 'name']);
  });

  test.each([
    ['Package `numpy=` is none.', 'numpy=', '', 'packages'],
    ['Package `torch==` is none.', 'numpy', 'torch==', 'pypi'],
    ['Channel `x y` is none.', '', '', 'channels'],
    ['courses has a manifest.', '', '', 'folder']
  ])('is refused: “%s”', async (message, packages, pypi, field) => {
    server.refusal = { code: 'edit-refused', message };
    draft.set({ packages, pypi });
    await settled();
    expect(draft.wrong).toBe(field);
  });

  test('is written as it is when it is asked for', async () => {
    draft.set({ folder: '/courses/new/', packages: 'numpy >=2\npandas', format: 'uv', pypi: 'left over' });
    expect(await draft.create()).toMatchObject({ manifest: 'courses/new/pixi.toml' });
    expect(server.asked.at(-1)).toMatchObject({
      folder: 'courses/new',
      packages: ['numpy >=2', 'pandas'],
      pypi: [],
      write: true
    });
  });

  test('that could not be written says why, also where a look at it was still under way', async () => {
    let open = (): void => undefined;
    server.gate = new Promise(resolve => (open = resolve));
    draft.set({ name: 'a' });
    await settled();
    server.gate = Promise.resolve();
    server.refusal = { code: 'forbidden', message: 'The folder cannot be written to.' };
    expect(await draft.create()).toBeNull();
    open();
    await settled();
    expect([draft.problem?.code, draft.isBusy]).toEqual(['forbidden', false]);
  });
});

describe('a source', () => {
  test('fills the form', async () => {
    const fields = { folder: 'a', format: 'uv', name: 'b', python: '', cuda: true };
    const lists = { packages: ['numpy', 'x>=1,<2'], pypi: [], channels: ['a', 'b'] };
    server.suggestion = { draft: { ...fields, ...lists }, notes: ['`-e .` was left out.'] };
    await draft.take('requirements.txt');
    expect(draft.fields).toEqual({ ...fields, packages: 'numpy\nx>=1,<2', pypi: '', channels: 'a, b' });
    expect(draft.suggested).toEqual(['`-e .` was left out.']);
  });

  test('that cannot be read says so for as long as the form is open', async () => {
    server.refusal = { code: 'manifest-invalid', message: 'requirements.txt is no text.' };
    await draft.take('requirements.txt');
    server.refusal = null;
    draft.ask();
    await settled();
    expect(draft.suggested).toEqual(['requirements.txt is no text.']);
    expect(draft.problem).toBeNull();
  });
});

test('packages are separated by lines and commas, but not within their versions', () => {
  expect(split('numpy>=1,<2, pandas\n# a comment\nx[a,b]==1 , y')).toEqual([
    'numpy>=1,<2',
    'pandas',
    'x[a,b]==1',
    'y'
  ]);
});
