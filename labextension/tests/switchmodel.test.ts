import { Signal } from '@lumino/signaling';

import { NotOffered, SwitchModel } from '../src/switch/model';
import type { IEnvironmentKey, IEnvironments } from '../src/tokens';
import type { Build, BuildEvent, Environment, Workspace } from '../src/wire';
import { build, environment, workspace } from './world';

/** The environments of two workspaces, whose builds end when the test says so. */
class FakeEnvironments {
  workspaces = [workspace('other'), workspace('proj')];
  environments = [
    environment('proj', 'cpu', { state: 'ready' }),
    environment('proj', 'cuda'),
    environment('other', 'default', { state: 'ready' })
  ];
  readonly changed = new Signal<this, void>(this);
  readonly ended = new Signal<this, Build>(this);
  readonly cancelled: string[] = [];
  builds: Build[] = [];
  started = 0;

  environmentsOf(of: Workspace): Environment[] {
    return this.environments.filter(found => found.manifest === of.manifest);
  }

  environment(key: IEnvironmentKey): Environment | undefined {
    return this.environments.find(found => found.manifest === key.manifest && found.name === key.name);
  }

  workspaceOf(key: IEnvironmentKey): Workspace | undefined {
    return this.workspaces.find(found => found.manifest === key.manifest);
  }

  environmentOfKernel(id: string): Environment | undefined {
    return this.environments.find(found => found.kernels.includes(id));
  }

  async build(key: IEnvironmentKey): Promise<string> {
    this.started += 1;
    this.set(key, { state: 'building' });
    return `build of ${key.name}`;
  }

  async cancel(build: string): Promise<void> {
    this.cancelled.push(build);
  }

  set(key: IEnvironmentKey, change: Partial<Environment>): void {
    const found = this.environment(key)!;
    this.environments = this.environments.map(each => (each === found ? { ...found, ...change } : each));
    this.changed.emit();
  }

  /** The build of an environment ends. */
  end(key: IEnvironmentKey, phase: BuildEvent['phase'] = 'ready'): void {
    this.set(key, { state: phase === 'ready' ? 'ready' : 'failed' });
    const last = { phase } as BuildEvent;
    const ended = build(`build of ${key.name}`, 'proj', key.name, last);
    this.builds.push(ended);
    this.ended.emit(ended);
  }
}

class FakeSession {
  constructor(listed: string[]) {
    const kernelspecs = Object.fromEntries(listed.map(name => [name, {}]));
    this.specsManager = { specs: { kernelspecs }, refreshSpecs: async () => undefined };
  }

  path = 'proj/notes/a.ipynb';
  kernelPreference: { name?: string } = {};
  session: { kernel: { id: string; name: string } | null } | null = null;
  readonly kernelChanged = new Signal<this, any>(this);
  readonly statusChanged = new Signal<this, any>(this);
  readonly disposed = new Signal<this, void>(this);
  readonly specsManager: object;
  private started = 0;

  get hasNoKernel(): boolean {
    return this.session === null;
  }

  async changeKernel(model: { name?: string }): Promise<null> {
    this.started += 1;
    this.session = { kernel: { id: `kernel ${this.started}`, name: model.name! } };
    this.kernelChanged.emit({});
    return null;
  }
}

describe('SwitchModel', () => {
  let environments: FakeEnvironments;
  let session: FakeSession;
  let model: SwitchModel;
  let offered: string[];

  const cpu = (): Environment => environments.environments[0];
  const cuda = (): Environment => environments.environments[1];
  const elsewhere = (): Environment => environments.environments[2];
  const kernel = (): string | undefined => session.session?.kernel?.name;

  beforeEach(() => {
    environments = new FakeEnvironments();
    session = new FakeSession(environments.environments.map(each => each.kernelspec!));
    model = new SwitchModel(session as any, environments as unknown as IEnvironments);
    offered = [];
    model.offered.connect((_, ready) => offered.push(ready.name));
  });

  it('has no environment without a kernel', () => {
    expect(model.current).toBeUndefined();
  });

  it('has the environment of the running kernel, whatever its kernelspec is called', async () => {
    await session.changeKernel({ name: 'appose' });
    expect(model.current).toBeUndefined();
    environments.set(cuda(), { kernels: ['kernel 1'] });
    expect(model.current).toBe(cuda());
  });

  it('goes by the kernelspec until the server has told of the kernel', async () => {
    await session.changeKernel({ name: 'appose.proj.cuda' });
    expect(model.current).toBe(cuda());
  });

  it('knows the kernels of other languages that an environment brings', async () => {
    const own = { kernelspec: 'appose.proj.cpu.ir', display_name: 'R', language: 'R' };
    environments.set(cpu(), { own_kernels: [own] });
    await session.changeKernel({ name: 'appose.proj.cpu.ir' });
    expect(model.current).toBe(cpu());
  });

  it('lists the workspace of the kernel first, else the one around the notebook', async () => {
    expect(model.choices.map(choice => choice.workspace.name)).toEqual(['proj', 'other']);
    await session.changeKernel({ name: 'appose.other.default' });
    expect(model.choices.map(choice => choice.workspace.name)).toEqual(['other', 'proj']);
  });

  it("leaves out other notebooks' own environments", () => {
    for (const [name, manifest] of [
      ['a', session.path],
      ['b', 'b.ipynb']
    ]) {
      environments.workspaces.push(workspace(name, { manifest, format: 'script' }));
      environments.environments.push(environment(name, 'default', { manifest, kernelspec: 'appose' }));
    }
    expect(model.choices.map(choice => choice.workspace.name)).not.toContain('b');
    expect(model.choices.map(choice => choice.workspace.name)).toContain('a');
  });

  it('switches at once to what is ready', async () => {
    await session.changeKernel({ name: 'appose.other.default' });
    const after = jest.fn();
    await model.choose(cpu(), after);
    expect(kernel()).toBe('appose.proj.cpu');
    expect(after).toHaveBeenCalledTimes(1);
    expect(environments.started).toBe(0);
  });

  it('switches at once where there is no kernel: the cell shows the build', async () => {
    await model.choose(cuda());
    expect(kernel()).toBe('appose.proj.cuda');
    expect(environments.started).toBe(0);
  });

  it('keeps the kernel while what was chosen is built, then offers it', async () => {
    await model.choose(cpu());
    const after = jest.fn();
    await model.choose(cuda(), after);
    expect(kernel()).toBe('appose.proj.cpu');
    expect(model.wanted).toBe(cuda());
    expect(model.isWantedBuilt).toBe(false);
    environments.end(cuda());
    expect(offered).toEqual(['cuda']);
    expect(kernel()).toBe('appose.proj.cpu');
    expect(after).not.toHaveBeenCalled();
    await model.accept();
    expect(kernel()).toBe('appose.proj.cuda');
    expect(after).toHaveBeenCalledTimes(1);
    expect(model.wanted).toBeUndefined();
  });

  it('misses no build that ends before the server has said which one it is', async () => {
    await model.choose(cpu());
    const chosen = model.choose(cuda());
    environments.end(cuda());
    await chosen;
    expect(offered).toEqual(['cuda']);
  });

  it('accepts nothing before it is built, and nothing twice', async () => {
    await model.choose(cpu());
    await model.choose(cuda());
    await model.accept();
    expect(kernel()).toBe('appose.proj.cpu');
    environments.end(cuda());
    await Promise.all([model.accept(), model.accept()]);
    expect(session.session?.kernel?.id).toBe('kernel 2');
  });

  it.each(['failed', 'cancelled'] as const)('wants nothing more of a build that %s', async phase => {
    await model.choose(cpu());
    await model.choose(cuda());
    environments.end(cuda(), phase);
    expect(offered).toEqual([]);
    expect(model.wanted).toBeUndefined();
    expect(kernel()).toBe('appose.proj.cpu');
  });

  it('lets the last choice win', async () => {
    await model.choose(cpu());
    const first = model.choose(cuda());
    const second = model.choose(elsewhere());
    await Promise.all([first, second]);
    environments.end(cuda());
    expect(offered).toEqual([]);
    expect(kernel()).toBe('appose.other.default');
  });

  it('forgets the choice when the kernel is changed elsewhere', async () => {
    await model.choose(cpu());
    await model.choose(cuda());
    await session.changeKernel({ name: 'python3' });
    environments.end(cuda());
    expect(offered).toEqual([]);
    expect(kernel()).toBe('python3');
  });

  it('remembers the choice when the kernel is only restarted', async () => {
    await model.choose(cpu());
    await model.choose(cuda());
    session.kernelChanged.emit({});
    environments.end(cuda());
    expect(offered).toEqual(['cuda']);
  });

  it('does nothing once the notebook is closed', async () => {
    await model.choose(cpu());
    await model.choose(cuda());
    session.disposed.emit();
    environments.end(cuda());
    expect(model.isDisposed).toBe(true);
    expect(offered).toEqual([]);
    expect(kernel()).toBe('appose.proj.cpu');
  });

  it('stops the build that runs for it alone', async () => {
    await model.choose(cpu());
    await model.choose(cuda());
    await model.giveUp();
    expect(environments.cancelled).toEqual(['build of cuda']);
    expect(model.wanted).toBeUndefined();
  });

  it("lets somebody else's build go on", async () => {
    await model.choose(cpu());
    environments.set(cuda(), { state: 'building' });
    await model.choose(cuda());
    await model.giveUp();
    expect(environments.cancelled).toEqual([]);
  });

  it('does nothing where the choice is what there is', async () => {
    await model.choose(cpu());
    await model.choose(cpu());
    expect(session.session?.kernel?.id).toBe('kernel 1');
  });

  it('updates the environment it has', async () => {
    await model.choose(cpu());
    environments.set(cpu(), { state: 'drifted' });
    await model.choose(cpu());
    environments.end(cpu());
    await model.accept();
    expect(session.session?.kernel?.id).toBe('kernel 2');
  });

  it('says why there is no kernel for an environment', async () => {
    environments.set(cuda(), { kernelspec: null, reason: 'for osx-arm64' });
    await expect(model.choose(cuda())).rejects.toThrow(new NotOffered('proj · cuda', 'for osx-arm64'));
  });

  it('refuses what the server does not list', async () => {
    environments.set(cpu(), { kernelspec: 'appose.proj.hidden' });
    await expect(model.choose(cpu())).rejects.toBeInstanceOf(NotOffered);
    expect(kernel()).toBeUndefined();
  });
});
