import { LogLines, spansOf, textOf } from '../src/logs/lines';
import { cut, findMatches, matchAt, MATCH_LIMIT } from '../src/logs/search';
import type { ILine } from '../src/logs/lines';
import type { BuildEvent } from '../src/wire';
import { build, event } from './world';

const BUILD = build('b1', 'worker', 'cuda');

function fold(...events: Partial<BuildEvent>[]): LogLines {
  const log = new LogLines(phase => phase.toUpperCase());
  log.append(events.map((more, index) => event(BUILD, index, more)));
  return log;
}

function said(log: LogLines): string[] {
  return log.lines.map(line => line.text);
}

function output(message: string, phase: BuildEvent['phase'] = 'installing'): Partial<BuildEvent> {
  return { phase, message, output: true };
}

describe('the lines of a log', () => {
  test('have a heading for each phase, but for the wait before the first', () => {
    const log = fold(
      { phase: 'queued', message: 'worker · cuda' },
      output('uv 0.13', 'locking'),
      { phase: 'locking', message: 'Locking' },
      { phase: 'downloading', message: 'Downloaded numpy' }
    );
    expect(said(log)).toEqual(['LOCKING', 'uv 0.13', 'DOWNLOADING', 'Downloaded numpy']);
    expect(log.lines.map(line => line.kind)).toEqual(['phase', 'output', 'phase', 'step']);
  });

  test('stay in their phase while a tool runs ahead of the steps', () => {
    const log = fold({ phase: 'resolving', message: '2 packages' }, output('Resolved', 'installing'), {
      phase: 'downloading',
      message: 'numpy'
    });
    expect(said(log)).toEqual(['RESOLVING', '2 packages', 'Resolved', 'DOWNLOADING', 'numpy']);
  });

  test('say once what only counts on', () => {
    const log = fold(
      { message: 'Downloading', done: 1, total: 3 },
      { message: 'files', done: 1 },
      { message: 'files', done: 2 },
      { phase: 'verifying', message: 'files' }
    );
    expect(said(log)).toEqual(['DOWNLOADING', 'files', 'VERIFYING', 'files']);
  });

  test('take messages apart that have several', () => {
    const log = fold(output('a\nb'), { phase: 'failed', message: 'no\nsolution' });
    expect(said(log)).toEqual(['INSTALLING', 'a', 'b', 'FAILED', 'no', 'solution']);
  });

  test('carry a style on to the next line, and not past a heading', () => {
    const log = fold(
      output('\x1b[31mred'),
      output('still'),
      { phase: 'ready', message: 'x' },
      output('plain', 'ready')
    );
    const [, first, second, , , last] = log.lines;
    expect(first.text).toBe('red');
    expect(spansOf(second)).toEqual([{ text: 'still', style: { colour: [205, 0, 0] } }]);
    expect(spansOf(last)).toEqual([{ text: 'plain', style: {} }]);
  });

  test('are copied as they are read, and their width is known', () => {
    const log = fold(output('\x1b[1mbold\x1b[0m'), output('50 %\r100 %'), output('\tx'));
    expect(textOf(log.lines)).toBe('INSTALLING\nbold\n100 %\n\tx\n');
    expect(log.width).toBe('INSTALLING'.length);
    expect(fold(output('a\tb\tc')).width).toBe(19);
  });
});

describe('a search', () => {
  const lines = ['a needle', 'nothing', 'Needle needle', ''].map((text): ILine => ({
    kind: 'output',
    text,
    time: 0
  }));

  test('finds each place, in order', () => {
    expect(findMatches(lines, /needle/i)).toEqual([
      { line: 0, start: 2, end: 8 },
      { line: 2, start: 0, end: 6 },
      { line: 2, start: 7, end: 13 }
    ]);
    expect(findMatches(lines, /needle/, 1)).toEqual([{ line: 2, start: 7, end: 13 }]);
  });

  test('ends where nobody would go on, and for what matches nothing', () => {
    const many = Array.from({ length: 3000 }, (): ILine => ({ kind: 'output', text: 'eeeee', time: 0 }));
    expect(findMatches(many, /e/g)).toHaveLength(MATCH_LIMIT);
    expect(findMatches(many, /e/, 0, 7)).toHaveLength(7);
    expect(findMatches(lines, /x*/)).toEqual([]);
  });

  test('goes on from a line', () => {
    const found = findMatches(lines, /needle/i);
    expect([0, 1, 2, 3].map(line => matchAt(found, line))).toEqual([0, 1, 1, 3]);
  });

  test('cuts spans at the ends of matches', () => {
    const match = { line: 0, start: 3, end: 6 };
    expect(cut(4, 0, [match])).toEqual([
      { start: 0, end: 3, match: null },
      { start: 3, end: 4, match }
    ]);
    expect(cut(5, 4, [match])).toEqual([
      { start: 0, end: 2, match },
      { start: 2, end: 5, match: null }
    ]);
    expect(cut(3, 10, [match])).toEqual([{ start: 0, end: 3, match: null }]);
  });
});
