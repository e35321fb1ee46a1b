import { isHalfRebuilt } from '../src/commands/retrying';
import type { Build, BuildEvent } from '../src/wire';
import { build, event } from './world';

const cuda = { manifest: 'worker/pixi.toml', name: 'cuda' };

function ended(name: string, phase: BuildEvent['phase'], rebuild: boolean): Build {
  const made = build(name, 'worker', name);
  return { ...build(name, 'worker', name, event(made, 1, { phase })), rebuild };
}

test.each([
  [true, 'failed', true],
  [true, 'cancelled', true],
  [true, 'ready', false],
  [false, 'failed', false]
] as const)('a rebuild (%s) that %s is tried again as one: %s', (rebuild, phase, expected) => {
  const builds = [
    ended('cpu', 'failed', !rebuild),
    ended('cuda', phase, rebuild),
    ended('cuda', 'failed', !rebuild)
  ];
  expect(isHalfRebuilt(cuda, { builds })).toBe(expected);
});

test('what runs, or never ran, is not', () => {
  const running = { ...build('1', 'worker', 'cuda'), rebuild: true };
  expect(isHalfRebuilt(cuda, { builds: [running] })).toBe(false);
  expect(isHalfRebuilt(cuda, { builds: [] })).toBe(false);
});
