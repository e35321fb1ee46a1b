import { EnvironmentsModel } from '../src/model';
import type { Build } from '../src/wire';
import { World, build, environment, event, workspace } from './world';

let world: World;
let model: EnvironmentsModel;
let changes: number;
let ended: Build[];

beforeEach(async () => {
  world = new World();
  world.workspaces = [workspace('worker')];
  world.environments = [environment('worker', 'cpu'), environment('worker', 'cuda')];
  model = new EnvironmentsModel(world.manager);
  changes = 0;
  ended = [];
  await model.refresh();
  model.changed.connect(() => (changes += 1));
  model.ended.connect((_, build) => ended.push(build));
});

afterEach(() => {
  model.dispose();
  show(true);
});

function show(visible: boolean): void {
  const state = visible ? 'visible' : 'hidden';
  Object.defineProperty(document, 'hidden', { configurable: true, value: !visible });
  Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
  document.dispatchEvent(new Event('visibilitychange'));
}

function cuda() {
  return model.environment({ manifest: 'worker/pixi.toml', name: 'cuda' })!;
}

describe('what the server answers', () => {
  test('is kept', () => {
    expect(model.isReady).toBe(true);
    expect(model.environmentsOf(model.workspaces[0]).map(found => found.name)).toEqual(['cpu', 'cuda']);
    expect(model.workspaceOf(cuda())?.name).toBe('worker');
  });

  test('is no change when it is as before, and stays the same objects', async () => {
    const before = model.environments;
    await model.refresh();
    expect(changes).toBe(0);
    expect(model.environments).toBe(before);
  });

  test('has no builds of folders that other servers show, but those of listed applications', async () => {
    const [own, elsewhere, listed] = [
      build('b1', 'worker', 'cpu'),
      build('b2', '/x', 'a'),
      build('b3', '/y', 'a')
    ];
    world.workspaces = [workspace('worker'), workspace('/y')];
    world.builds = [own, elsewhere, listed];
    await model.refresh();
    expect(model.builds.map(({ id }) => id)).toEqual(['b1', 'b3']);
  });

  test('changes only what is new', async () => {
    const cpu = model.environments[0];
    world.environments = [world.environments[0], environment('worker', 'cuda', { state: 'ready', size: 12 })];
    await model.refresh();
    expect(changes).toBe(1);
    expect(model.environments[0]).toBe(cpu);
    expect(cuda().size).toBe(12);
  });

  test('finds the environment of a kernel', async () => {
    world.environments = [environment('worker', 'cuda', { kernels: ['k1'] })];
    world.services.kernels.runningChanged.emit([{ id: 'k1', name: 'appose.worker.cuda' }]);
    await model.refresh();
    expect(model.environmentOfKernel('k1')?.name).toBe('cuda');
    expect(model.environmentOfKernel('k2')).toBeUndefined();
  });

  test('refreshes the kernelspecs when environments come and go, and only then', async () => {
    const before = world.refreshedSpecs;
    await model.refresh();
    expect(world.refreshedSpecs).toBe(before);
    world.environments.push(environment('worker', 'dev'));
    await model.refresh();
    expect(world.refreshedSpecs).toBe(before + 1);
  });

  test('of a later question is not overtaken by that of an earlier one', async () => {
    const release = world.hold();
    const early = model.refresh();
    await Promise.resolve();
    await new Promise(resolve => setTimeout(resolve));
    world.environments = [environment('worker', 'new')];
    const late = model.refresh();
    release();
    await early;
    await late;
    expect(model.environments.map(found => found.name)).toEqual(['new']);
  });

  test('serves everybody who asks while a question waits', async () => {
    const before = world.looks;
    await Promise.all([model.refresh(), model.refresh(), model.refresh()]);
    expect(world.looks).toBe(before + 1);
  });
});

describe('a server that does not answer', () => {
  test('leaves what is known, and says why', async () => {
    world.status = 0;
    await model.refresh();
    expect(model.unreachable?.code).toBe('unreachable');
    expect(model.environments).toHaveLength(2);
    expect(changes).toBe(1);
  });

  test('is said once', async () => {
    world.status = 500;
    await model.refresh();
    await model.refresh();
    expect(model.unreachable?.remedy).toBe('Mend it.');
    expect(changes).toBe(1);
  });

  test('is forgotten when it is back', async () => {
    world.status = 0;
    await model.refresh();
    world.status = 200;
    await model.refresh();
    expect(model.unreachable).toBeNull();
    expect(changes).toBe(2);
  });
});

describe('a build', () => {
  const running = build('b1', 'worker', 'cuda');

  test('that is asked for here is known as ours, and asked for by name', async () => {
    expect(await model.build(cuda(), { rebuild: true, announced: true })).toBe('b1');
    expect(world.bodies).toEqual([
      { workspace: 'worker/pixi.toml', environment: 'cuda', options: { rebuild: true } }
    ]);
    expect(model.startedHere.get('b1')?.announced).toBe(true);
  });

  test('is followed by its events, without a question', async () => {
    world.builds = [running];
    await model.refresh();
    const looks = world.looks;
    world.say(event(running, 40));
    expect(cuda()).toMatchObject({ state: 'building', build: 'b1', fraction: 0.4, reason: 'step 40' });
    expect(model.builds[0].last?.sequence).toBe(40);
    expect(world.looks).toBe(looks);
  });

  test('leaves other environments the same objects', () => {
    const cpu = model.environments[0];
    world.say(event(running, 1));
    expect(model.environments[0]).toBe(cpu);
  });

  test('that nobody knew is asked for once', async () => {
    const looks = world.looks;
    world.say(event(running, 1));
    world.say(event(running, 2));
    await model.refresh();
    world.say(event(running, 3));
    await model.refresh();
    expect(world.looks).toBe(looks + 2);
  });

  test('does not go back when an answer is older than an event', async () => {
    world.builds = [build('b1', 'worker', 'cuda', event(running, 10))];
    const release = world.hold();
    const asked = model.refresh();
    await new Promise(resolve => setTimeout(resolve));
    world.say(event(running, 60));
    release();
    await asked;
    expect(cuda().fraction).toBe(0.6);
    expect(model.builds[0].last?.sequence).toBe(60);
  });

  test('ends once, whatever is heard of it', async () => {
    world.builds = [running];
    await model.refresh();
    const last = event(running, 99, { phase: 'ready', fraction: 1 });
    world.builds = [build('b1', 'worker', 'cuda', last)];
    world.environments = [environment('worker', 'cuda', { state: 'ready', build: 'b1' })];
    world.say(last);
    await model.refresh();
    world.say(last);
    await model.refresh();
    expect(ended.map(build => build.id)).toEqual(['b1']);
    expect(cuda().state).toBe('ready');
  });

  test('that ended before its first answer still ends', async () => {
    await model.build(cuda());
    world.builds = [build('b1', 'worker', 'cuda', event(running, 9, { phase: 'failed' }))];
    await model.refresh();
    expect(ended).toHaveLength(1);
  });

  test('of earlier is no news', async () => {
    world.builds = [build('b0', 'worker', 'cuda', event(running, 9, { phase: 'ready' }))];
    await model.refresh();
    expect(ended).toHaveLength(0);
  });

  test('that the server forgot is not built for ever', async () => {
    world.say(event(running, 40));
    await model.refresh();
    await model.refresh();
    expect(cuda().state).toBe('not built');
  });

  test('that ended is not brought back by an event that comes late', async () => {
    world.builds = [build('b1', 'worker', 'cuda', event(running, 9, { phase: 'cancelled' }))];
    await model.refresh();
    world.say(event(running, 8));
    expect(cuda().state).toBe('not built');
  });

  test('is cancelled by its id', async () => {
    await model.cancel('b 1');
    expect(world.asked).toContain('DELETE builds/b%201');
  });
});

test('events of others are not ours', () => {
  world.services.events.stream.emit({ schema_id: 'https://example.org/other' } as any);
  expect(changes).toBe(0);
});

describe('a page', () => {
  // `performance` is what MessageChannel and others of Node's own live on
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance', 'queueMicrotask', 'nextTick'] }));
  afterEach(() => jest.useRealTimers());

  /** A model whose timers are ours. */
  async function started(): Promise<void> {
    model.dispose();
    model = new EnvironmentsModel(world.manager);
    await jest.advanceTimersByTimeAsync(100);
  }

  test('that is shown looks every ten seconds', async () => {
    await started();
    const looks = world.looks;
    await jest.advanceTimersByTimeAsync(31_000);
    expect(world.looks).toBe(looks + 3);
  });

  test('that is hidden asks nothing, and asks at once when it is shown again', async () => {
    await started();
    show(false);
    const looks = world.looks;
    await jest.advanceTimersByTimeAsync(120_000);
    expect(world.looks).toBe(looks);
    show(true);
    await jest.advanceTimersByTimeAsync(10);
    expect(world.looks).toBe(looks + 1);
  });

  test('asks less often while there is no answer', async () => {
    await started();
    world.status = 0;
    const looks = world.looks;
    await jest.advanceTimersByTimeAsync(300_000);
    expect(world.looks - looks).toBeLessThan(15);
    expect(world.looks - looks).toBeGreaterThan(4);
  });

  test('leaves a server alone that has no such routes, until somebody asks', async () => {
    world.status = 404;
    world.page = '<html>404 : Not Found</html>';
    await started();
    const looks = world.looks;
    world.services.kernels.runningChanged.emit([{ id: 'k1', name: 'python3' }]);
    show(true);
    await jest.advanceTimersByTimeAsync(300_000);
    expect(world.looks).toBe(looks);
    expect(model.unreachable?.code).toBe('missing');
    [world.status, world.page] = [200, null];
    void model.refresh();
    await jest.advanceTimersByTimeAsync(31_000);
    expect(model.isReady).toBe(true);
    expect(world.looks).toBeGreaterThan(looks + 3);
  });

  test('that is done with asks and says nothing more', async () => {
    await started();
    const release = world.hold();
    void model.refresh();
    await jest.advanceTimersByTimeAsync(1);
    let said = 0;
    model.changed.connect(() => (said += 1));
    model.dispose();
    world.environments = [];
    release();
    const looks = world.looks;
    world.say(event(build('b1', 'worker', 'cuda'), 1));
    show(true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(said).toBe(0);
    expect(world.looks).toBe(looks);
    expect(model.isDisposed).toBe(true);
  });
});
