import { nullTranslator } from '@jupyterlab/translation';

import { doingText } from '../src/builds/words';
import type { BuildEvent } from '../src/wire';

const trans = nullTranslator.load('');

function doing(step: Partial<BuildEvent>): string {
  const event = { build: 'b', sequence: 1, time: 0, fraction: 0.5, message: '', output: false, ...step };
  return doingText(event as BuildEvent, trans);
}

describe('doingText', () => {
  it('counts packages, and files that are compiled', () => {
    expect(doing({ phase: 'downloading', done: 61, total: 142 })).toBe('downloading 61 of 142 packages');
    expect(doing({ phase: 'compiling', done: 1200, total: 4300 })).toBe('compiling 1200 of 4300 files');
  });

  it('says what follows when all is verified', () => {
    const message = 'looking for an ipykernel that fits';
    expect(doing({ phase: 'verifying', done: 1, total: 9, message: 'Verifying' })).toBe(
      'verifying 1 of 9 packages'
    );
    expect(doing({ phase: 'verifying', message })).toBe(message);
  });
});
