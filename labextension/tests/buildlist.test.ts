import { superseded } from '../src/builds/list';
import type { Build, BuildEvent } from '../src/wire';
import { build, event } from './world';

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
