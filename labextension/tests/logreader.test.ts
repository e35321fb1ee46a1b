import { Signal } from '@lumino/signaling';

import { LogReader } from '../src/logs/reader';
import { LogState } from '../src/logs/state';
import type { IEnvironments } from '../src/tokens';
import type { Build, BuildEvent, BuildLog, Problem } from '../src/wire';
import { build, event } from './world';

/** Bytes of an event, and how many of them one answer brings. */
const BYTES = 2 ** 18;
const CHUNK = 4;

/** A server with one build, which writes its log. */
class Source {
  readonly build: Build = build('b1', 'worker', 'cuda');
  readonly events: BuildEvent[] = [];
  readonly asked: Record<string, string>[] = [];
  readonly changed = new Signal<this, void>(this);
  readonly event = new Signal<this, BuildEvent>(this);
  builds: Build[] = [];
  broken = false;
  unreachable: Problem | null = null;

  readonly api = {
    get: async (path: string, query: Record<string, string> = {}): Promise<unknown> => {
      if (this.broken) {
        throw new Error('no server');
      }
      return path.endsWith('/log') ? this.log(query) : this.build;
    }
  };

  write(count: number, more: Partial<BuildEvent> = {}): void {
    for (let added = 0; added < count; added++) {
      const sequence = this.events.length;
      this.events.push(event(this.build, sequence, { output: true, message: `line ${sequence}`, ...more }));
    }
  }

  private log(query: Record<string, string>): BuildLog {
    this.asked.push(query);
    const all = this.events.length;
    const end = query.before === undefined ? all : query.before ? Number(query.before) / BYTES : all;
    const start = query.before === undefined ? Number(query.offset) / BYTES : Math.max(0, end - CHUNK);
    const events = this.events.slice(start, Math.min(end, start + CHUNK));
    return {
      version: 1,
      events,
      start: start * BYTES,
      offset: (start + events.length) * BYTES,
      ended: events.some(({ phase }) => phase === 'ready')
    };
  }
}

let source: Source;
let reader: LogReader;

beforeEach(() => {
  jest.useFakeTimers();
  source = new Source();
  reader = new LogReader(source as unknown as IEnvironments, 'b1', phase => phase);
});

afterEach(() => {
  reader.dispose();
  jest.useRealTimers();
});

/** Let what was asked for be answered. */
async function settle(): Promise<void> {
  await jest.advanceTimersByTimeAsync(1000);
}

function outputs(): string[] {
  return reader.log.lines.filter(line => line.kind === 'output').map(line => line.text);
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
}

test('nothing is asked for before somebody looks', async () => {
  source.write(3);
  await settle();
  expect(source.asked).toEqual([]);
});

test('the end of a long log is there first, then all of it', async () => {
  source.write(10);
  source.write(1, { phase: 'ready', output: false });
  const seen: [number, number][] = [];
  reader.changed.connect(() => seen.push([outputs().length, reader.missing]));
  reader.visible = true;
  await settle();
  expect(outputs()).toEqual(lines(0, 10));
  expect(reader.ended).toBe(true);
  expect(seen[0]).toEqual([3, 0]);
  expect(seen[1]).toEqual([3, 7 / 11]);
  expect(seen.at(-1)).toEqual([10, 0]);
  expect(reader.log.lines.map(line => line.kind).filter(kind => kind === 'phase')).toHaveLength(2);
});

test('what comes while the beginning is read is kept', async () => {
  source.write(10);
  let told = false;
  reader.changed.connect(() => {
    if (reader.missing && !told) {
      told = true;
      source.write(3);
    }
  });
  reader.visible = true;
  await settle();
  expect(outputs()).toEqual(lines(0, 13));
});

test('an event of the bus is a hint that there is more, also what the bus left out', async () => {
  source.write(1);
  reader.visible = true;
  await settle();
  source.write(9);
  source.event.emit(source.events.at(-1)!);
  await settle();
  expect(outputs()).toEqual(lines(0, 10));
  source.event.emit(event(build('b2', 'worker', 'cpu'), 3));
  const asked = source.asked.length;
  await settle();
  expect(source.asked).toHaveLength(asked);
});

test('many events are few questions', async () => {
  source.write(1);
  reader.visible = true;
  await settle();
  const asked = source.asked.length;
  for (let count = 0; count < 20; count++) {
    source.write(1);
    source.event.emit(source.events.at(-1)!);
    await jest.advanceTimersByTimeAsync(10);
  }
  await settle();
  expect(source.asked.length - asked).toBeLessThan(8);
  expect(outputs()).toEqual(lines(0, 21));
});

test('a listing that knows more than the log is a hint too: the bus may be broken', async () => {
  source.write(1);
  reader.visible = true;
  await settle();
  source.write(1, { phase: 'ready' });
  source.builds = [{ ...source.build, ended: true, last: source.events[1] }];
  source.changed.emit();
  await settle();
  expect(reader.ended).toBe(true);
  expect(reader.build?.ended).toBe(true);
});

test('nothing is asked for while hidden, and all of it afterwards', async () => {
  source.write(1);
  reader.visible = true;
  await settle();
  reader.visible = false;
  source.write(2);
  source.event.emit(source.events.at(-1)!);
  await settle();
  expect(outputs()).toEqual(lines(0, 1));
  reader.visible = true;
  await settle();
  expect(outputs()).toEqual(lines(0, 3));
});

test('a log that could not be opened is opened when the server is back', async () => {
  source.write(3);
  source.broken = true;
  reader.visible = true;
  await settle();
  source.unreachable = reader.problem;
  source.changed.emit();
  await settle();
  expect([reader.problem?.code, source.asked]).toEqual(['unreachable', []]);
  source.broken = false;
  source.unreachable = null;
  source.changed.emit();
  await settle();
  expect([reader.problem, outputs()]).toEqual([null, lines(0, 3)]);
});

test('a server that is gone is told of, and asked again', async () => {
  source.broken = true;
  reader.visible = true;
  await settle();
  expect(reader.problem?.message).toBe('no server');
  source.broken = false;
  source.write(1);
  reader.visible = true;
  await settle();
  expect(reader.problem).toBeNull();
  expect(outputs()).toEqual(lines(0, 1));
});

describe('a search', () => {
  let state: LogState;
  let revealed: number[];

  beforeEach(async () => {
    source.write(2);
    reader.visible = true;
    await settle();
    state = new LogState(reader);
    revealed = [];
    state.reveal.connect((_, line) => revealed.push(line));
  });

  afterEach(() => state.dispose());

  test('goes to what it finds, round the ends, and stops following', () => {
    state.search(/line/);
    expect([state.matches.length, state.current, state.follow]).toEqual([2, 0, false]);
    expect(state.step(1, true)?.line).toBe(2);
    expect(state.step(1, false)).toBeUndefined();
    expect(state.step(1, true)?.line).toBe(1);
    expect(state.step(-1, true)?.line).toBe(2);
    expect(revealed).toEqual([1, 2, 1, 2]);
    state.search(null);
    expect([state.matches.length, state.current, state.step(1, true)]).toEqual([0, null, undefined]);
  });

  test('begins where the viewer stands', () => {
    state.top = 2;
    state.search(/line/);
    expect(state.current).toBe(1);
  });

  test('goes on in the lines that come', async () => {
    state.search(/line 2/);
    expect(state.current).toBeNull();
    source.write(1);
    source.event.emit(source.events.at(-1)!);
    await settle();
    expect([state.matches.length, state.current]).toEqual([1, 0]);
  });
});

test('a search keeps its place when what stood before comes', async () => {
  source.write(10);
  const state = new LogState(reader);
  let place = '';
  reader.changed.connect(() => {
    if (reader.missing && !place) {
      state.search(/line 8/);
      place = reader.log.lines[state.matches[0].line].text;
    }
  });
  reader.visible = true;
  await settle();
  expect(place).toBe('line 8');
  expect(state.matches.map(match => reader.log.lines[match.line].text)).toEqual(['line 8']);
  expect(state.current).toBe(0);
  state.dispose();
});
