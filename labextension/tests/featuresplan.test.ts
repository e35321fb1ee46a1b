import { nullTranslator } from '@jupyterlab/translation';

import { SpecField } from '../src/features/check';
import { Planning, summary } from '../src/features/plan';
import { planText } from '../src/features/words';
import { lineDiff } from '../src/features/linediff';
import type { PackageChange, Plan } from '../src/wire';
import { ManifestServer } from './manifests';

const trans = nullTranslator.load('');
/** The real one. */
const later = setTimeout;

const request = { workspace: 'worker', digest: '', edits: [], environments: null };

let server: ManifestServer;
let planning: Planning;
let isHidden: boolean;

beforeEach(() => {
  jest.useFakeTimers();
  server = new ManifestServer();
  request.digest = `digest of ${server.text}`;
  isHidden = false;
  planning = new Planning(server.api, () => isHidden);
});

afterEach(() => {
  planning.dispose();
  jest.useRealTimers();
});

async function seconds(count: number): Promise<void> {
  for (let tenth = 0; tenth < 10 * count; tenth++) {
    await jest.advanceTimersByTimeAsync(100);
    await new Promise(resolve => later(resolve, 0)); // an answer arrives in real time
  }
}

function change(name: string, before: string | null, after: string | null, size = 0): PackageChange {
  return { name, kind: 'conda', before, after, size };
}

const done: Partial<Plan> = {
  state: 'done',
  environments: [
    {
      environment: 'cuda',
      changes: [change('cudnn', '8.6.0', '8.9.7', 4e8), change('nvtx', null, '0.2.11', 1.2e7)]
    },
    { environment: 'cuda-dev', changes: [change('cudnn', '8.6.0', '8.9.7', 4e8)] },
    { environment: 'dev', changes: [] }
  ]
};

describe('a plan', () => {
  test('is asked for until it is done', async () => {
    await planning.start(request);
    expect(planning.isRunning).toBe(true);
    await seconds(3);
    expect(server.count('GET plans/p')).toBeGreaterThan(1);
    server.plan = { ...server.plan, ...done };
    await seconds(2);
    expect(planning.isRunning).toBe(false);
    const asked = server.count('GET plans/p');
    await seconds(3);
    expect(server.count('GET plans/p')).toBe(asked);
  });

  test('is not asked for while nobody looks', async () => {
    await planning.start(request);
    isHidden = true;
    await seconds(2);
    const asked = server.count('GET plans/p');
    await seconds(5);
    expect(server.count('GET plans/p')).toBe(asked);
    isHidden = false;
    await seconds(2);
    expect(server.count('GET plans/p')).toBeGreaterThan(asked);
  });

  test('that nobody wants any more is cancelled', async () => {
    await planning.start(request);
    planning.forget();
    await seconds(2);
    expect(planning.plan).toBeNull();
    expect(server.count('DELETE plans/p')).toBe(1);
    expect(server.count('GET plans/p')).toBe(0);
  });

  test('says why there is none', async () => {
    await planning.start({ ...request, digest: 'another' });
    expect(planning.problem?.code).toBe('manifest-conflict');
  });

  test('that a restarted server does not know any more is none', async () => {
    await planning.start(request);
    server.plan = { ...server.plan, id: 'another' };
    await seconds(2);
    expect(planning.isRunning).toBe(false);
    expect(planning.problem?.code).toBe('plan-not-found');
    const asked = server.asked.length;
    await seconds(3);
    expect(server.asked).toHaveLength(asked);
  });

  test('is asked for again when the server is back', async () => {
    await planning.start(request);
    server.isDown = true;
    await seconds(2);
    expect(planning.isRunning).toBe(true);
    server.isDown = false;
    server.plan = { ...server.plan, ...done };
    await seconds(10);
    expect(planning.plan?.state).toBe('done');
  });

  test('is told in a line, each change once', () => {
    const found = summary({ ...server.plan, ...done });
    expect(planText(found, trans)).toBe(
      'Would change in cuda, cuda-dev: cudnn 8.6.0 → 8.9.7, + nvtx 0.2.11 · 412 MB'
    );
  });

  test('counts what does not fit, and says when there is nothing', () => {
    const changes = ['a', 'b', 'c', 'd', 'e'].map(name => change(name, '1', null));
    const plan = { ...server.plan, environments: [{ environment: 'cuda', changes }] };
    expect(planText(summary(plan), trans)).toBe('Would change in cuda: − a 1, − b 1, − c 1, and 2 more');
    expect(planText(summary(server.plan), trans)).toBe('No package would change.');
  });
});

describe('a field', () => {
  let field: SpecField;

  beforeEach(() => (field = new SpecField(server.api)));
  afterEach(() => field.dispose());

  test('is checked once after the last key', async () => {
    field.type('conda', '=');
    field.type('conda', '==');
    await seconds(1);
    expect(server.count('GET specs')).toBe(1);
    expect(field.message).toBe('“==” is no name.');
    field.type('conda', 'numpy');
    await seconds(1);
    expect(field.message).toBe('');
  });

  test('that is empty is right', async () => {
    field.type('conda', '==');
    await seconds(1);
    field.type('conda', '');
    expect(field.message).toBe('');
  });

  test('is split when it is entered', async () => {
    expect(await field.check('conda', 'numpy >=2')).toMatchObject({ name: 'numpy', spec: '>=2' });
    expect(await field.check('conda', '>=2')).toBeNull();
    expect(field.message).not.toBe('');
  });
});

describe('the difference of two texts', () => {
  const shown = (before: string, after: string): string[] =>
    lineDiff(before, after).map(({ kind, text }) => `${kind} ${text}`);

  test('is nothing where they are the same', () => {
    expect(shown('a\nb\n', 'a\nb\n')).toEqual([]);
  });

  test('keeps what is common', () => {
    expect(shown('a\nb\nc\n', 'a\nB\nc\nd\n')).toEqual(['same a', 'remove b', 'add B', 'same c', 'add d']);
  });

  test('numbers the lines of both', () => {
    expect(lineDiff('a\nb\n', 'x\na\nb\n')).toEqual([
      { kind: 'add', before: null, after: 1, text: 'x' },
      { kind: 'same', before: 1, after: 2, text: 'a' },
      { kind: 'same', before: 2, after: 3, text: 'b' }
    ]);
  });

  test('leaves out what is far from it', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    const changed = lines.map((line, at) => (at === 5 || at === 25 ? 'new' : line));
    const kinds = lineDiff(lines.join('\n'), changed.join('\n')).map(({ kind }) => kind);
    expect(kinds.filter(kind => kind === 'gap')).toHaveLength(1);
    expect(kinds).toHaveLength(2 * 8 + 1);
  });

  test('of large texts is coarse rather than slow', () => {
    const before = Array.from({ length: 5000 }, (_, at) => `a${at}`).join('\n');
    const after = Array.from({ length: 5000 }, (_, at) => `b${at}`).join('\n');
    expect(lineDiff(before, after)).toHaveLength(10_000);
  });
});
