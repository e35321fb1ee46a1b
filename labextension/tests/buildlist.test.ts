import { arrange, nextRow, superseded } from '../src/builds/list';
import type { Build, BuildEvent } from '../src/wire';
import { build, event } from './world';

const running = build('3', 'worker', 'cuda');
const failed = build('2', 'worker', 'cuda', event(running, 1, { phase: 'failed' }));
const ready = build('1', 'worker', 'cpu', event(running, 1, { phase: 'ready' }));
const older = build('0', 'tide', 'default');

describe('the builds', () => {
  test('that run come first, each kind in the order of the server', () => {
    const found = arrange([running, failed, ready, older]);
    expect(found.running).toEqual([running, older]);
    expect(found.ended).toEqual([failed, ready]);
  });
});

describe('the keyboard', () => {
  const rows = ['3', '0', '2'];

  test.each([
    ['ArrowDown', '3', '0'],
    ['ArrowUp', '0', '3'],
    ['Home', '2', '3'],
    ['End', '3', '2'],
    ['ArrowDown', '2', '2'],
    ['ArrowUp', '3', '3']
  ])('%s goes from %s to %s', (key, from, to) => {
    expect(nextRow(rows, from, key)).toBe(to);
  });

  test('begins at the first where nothing is chosen', () => {
    expect(nextRow(rows, null, 'ArrowDown')).toBe('0');
    expect(nextRow(rows, null, 'Home')).toBe('3');
  });

  test('has other keys, and nowhere to go without rows', () => {
    expect(nextRow(rows, '3', 'Enter')).toBeNull();
    expect(nextRow([], null, 'ArrowDown')).toBeNull();
  });
});

function ended(id: string, name: string, phase: BuildEvent['phase']): Build {
  const made = build(id, 'worker', name);
  return build(id, 'worker', name, event(made, 9, { phase }));
}

test('what failed is old news once its environment was built', () => {
  const builds = [
    ended('b5', 'cpu', 'failed'),
    ended('b4', 'cpu', 'ready'),
    ended('b3', 'cpu', 'cancelled'),
    ended('b2', 'cuda', 'failed'),
    ended('b1', 'cpu', 'ready')
  ];
  expect([...superseded(builds)]).toEqual(['b3']);
});
