import { StateDB } from '@jupyterlab/statedb';

import { Keeping } from '../src/features/keeping';

afterEach(() => window.sessionStorage.clear());

function leave(): void {
  window.dispatchEvent(new Event('pagehide'));
}

test('what is kept comes back from the database', async () => {
  const store = new StateDB();
  const before = new Keeping<string[]>(store, 'edits');
  before.save(['one']);
  before.dispose();
  const after = new Keeping<string[]>(store, 'edits');
  expect(await after.fetch()).toEqual(['one']);
  after.dispose();
});

test('the page hands what is newer to the one that follows, once', async () => {
  const before = new Keeping<string[]>(new StateDB(), 'edits');
  before.save(['one', 'two']);
  leave();
  before.dispose();
  const old = new StateDB();
  await old.save('edits', ['one']);
  const after = new Keeping<string[]>(old, 'edits');
  expect(await after.fetch()).toEqual(['one', 'two']);
  expect(await after.fetch()).toEqual(['one']);
  after.dispose();
});

test('what nobody changed is not handed over, nor what is not kept at all', async () => {
  const keepings = [new Keeping<string[]>(new StateDB(), 'edits'), new Keeping<string[]>(null, 'others')];
  keepings[1].save(['one']);
  leave();
  expect(window.sessionStorage).toHaveLength(0);
  expect(await keepings[1].fetch()).toBeUndefined();
  keepings.forEach(keeping => keeping.dispose());
});
