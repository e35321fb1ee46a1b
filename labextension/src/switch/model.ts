import type { ISessionContext } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { environmentOfKernelspec } from '../kernelspecs';
import { workspaceAround } from '../nearest';
import { choicesOf } from './choices';
import type { IChoices } from './choices';
import type { IEnvironmentKey, IEnvironments } from '../tokens';
import type { Build, Environment, Workspace } from '../wire';

/** What a switch needs of a notebook's session. */
export type ISwitchSession = Pick<
  ISessionContext,
  | 'session'
  | 'path'
  | 'hasNoKernel'
  | 'kernelPreference'
  | 'kernelChanged'
  | 'statusChanged'
  | 'specsManager'
  | 'changeKernel'
  | 'disposed'
>;

/** An environment that the notebook changes to once it is built. */
interface IWish {
  key: IEnvironmentKey;
  build: string;
  /** Whether the build runs for this notebook, so that giving up stops it. */
  own: boolean;
  /** The kernel that the notebook had: if it has another one meanwhile, the wish is void. */
  kernel: string | undefined;
  isBuilt: boolean;
  then: () => unknown;
}

/** No kernel can be started in what was chosen; `reason` is the server's, and may be empty. */
export class NotOffered extends Error {
  constructor(
    readonly title: string,
    readonly reason: string
  ) {
    super(reason ? `${title}: ${reason}` : title);
    this.name = 'NotOffered';
  }
}

/** Which environment a notebook has, and the one it is about to have. One for all views of a notebook. */
export class SwitchModel implements IDisposable {
  constructor(
    private readonly context: ISwitchSession,
    private readonly environments: IEnvironments
  ) {
    environments.changed.connect(this.onChanged, this);
    environments.ended.connect(this.onEnded, this);
    context.kernelChanged.connect(this.onKernel, this);
    context.statusChanged.connect(this.onChanged, this);
    context.disposed.connect(this.dispose, this);
  }

  isDisposed = false;
  /** Something that a view shows is new. */
  readonly changed = new Signal<this, void>(this);
  /** What the notebook waited for is built, and can be taken with `accept`. */
  readonly offered = new Signal<this, Environment>(this);

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.wish = null;
      this.changed.emit();
      Signal.clearData(this);
    }
  }

  /** The environment of the notebook's kernel, or of the one that is being started for it. */
  get current(): Environment | undefined {
    if (this.target) {
      return this.find(this.target);
    }
    const { session, hasNoKernel, kernelPreference } = this.context;
    const kernel = session?.kernel;
    const running = kernel && this.environments.environmentOfKernel(kernel.id);
    const name = kernel?.name ?? (hasNoKernel ? '' : (kernelPreference.name ?? ''));
    return running ?? environmentOfKernelspec(this.environments.environments, name);
  }

  /** Whether it is known by now which environment the notebook has, if any. */
  get isKnown(): boolean {
    const { isReady, unreachable } = this.environments;
    return isReady || unreachable !== null;
  }

  /** Whether the kernel is being changed right now. */
  get isSwitching(): boolean {
    return this.target !== null;
  }

  /** The environment that is built for this notebook, or that has been and waits to be taken. */
  get wanted(): Environment | undefined {
    return this.wish ? this.find(this.wish.key) : undefined;
  }

  get isWantedBuilt(): boolean {
    return this.wish?.isBuilt ?? false;
  }

  get workspace(): Workspace | undefined {
    const current = this.current;
    return (
      (current && this.environments.workspaceOf(current)) ??
      workspaceAround(this.environments.workspaces, PathExt.dirname(this.context.path))
    );
  }

  find(key: IEnvironmentKey): Environment | undefined {
    return this.environments.environment(key);
  }

  workspaceOf(environment: Environment): Workspace | undefined {
    return this.environments.workspaceOf(environment);
  }

  /** What can be chosen: the notebook's workspace first, then the nearest. */
  get choices(): IChoices[] {
    const { workspace, environments, context } = this;
    return choicesOf(environments, workspace, context.path);
  }

  isCurrent(environment: IEnvironmentKey): boolean {
    const current = this.current;
    return current?.manifest === environment.manifest && current.name === environment.name;
  }

  /** Whether choosing an environment changes the kernel at once. */
  isAtOnce(environment: Environment): boolean {
    return environment.state === 'ready' || !this.context.session?.kernel;
  }

  /**
   * Give the notebook an environment: at once, or once it is built, while the present kernel stays.
   *
   * `then` is called after the change. Each choice makes those before it void. Rejects with NotOffered.
   */
  async choose(key: IEnvironmentKey, then: () => unknown = () => undefined): Promise<void> {
    const environment = this.find(key);
    if (!environment) {
      throw new NotOffered(key.name, '');
    }
    if (environment.kernelspec === null) {
      throw new NotOffered(environment.title, environment.reason);
    }
    const choice = this.withdraw();
    if (this.isCurrent(key) && (environment.state === 'ready' || environment.state === 'building')) {
      return;
    }
    if (this.isAtOnce(environment)) {
      return this.change(environment, environment.kernelspec, then);
    }
    const own = environment.state !== 'building';
    const build = await this.environments.build(key, { announced: true });
    if (choice === this.choice) {
      this.wish = { key, build, own, kernel: this.context.session?.kernel?.id, isBuilt: false, then };
      this.changed.emit();
      // a short build may have ended before the server's answer was here
      this.environments.builds
        .filter(each => each.ended)
        .forEach(each => this.onEnded(this.environments, each));
    }
  }

  /** Change to what has been built for this notebook. */
  async accept(): Promise<void> {
    const { wish, wanted } = this;
    if (wish?.isBuilt && wanted?.kernelspec) {
      this.withdraw();
      await this.change(wanted, wanted.kernelspec, wish.then);
    }
  }

  /** Want it no longer; a build that runs for this notebook alone is stopped. */
  async giveUp(): Promise<void> {
    const wish = this.wish;
    this.withdraw();
    if (wish && !wish.isBuilt && wish.own) {
      await this.environments.cancel(wish.build);
    }
  }

  /** Forget the wish, and return the number of the choice that comes in its place. */
  private withdraw(): number {
    this.choice += 1;
    if (this.wish) {
      this.wish = null;
      this.changed.emit();
    }
    return this.choice;
  }

  private async change(environment: Environment, name: string, then: () => unknown): Promise<void> {
    const { specsManager } = this.context;
    if (!specsManager.specs?.kernelspecs[name]) {
      await specsManager.refreshSpecs();
    }
    if (!specsManager.specs?.kernelspecs[name]) {
      throw new NotOffered(environment.title, '');
    }
    this.target = environment;
    this.changed.emit();
    try {
      await this.context.changeKernel({ name });
    } catch {
      return; // the session has shown why
    } finally {
      this.target = null;
      this.changed.emit();
    }
    await then();
  }

  private onChanged(): void {
    this.changed.emit();
  }

  private onKernel(): void {
    const kernel = this.context.session?.kernel?.id;
    if (this.wish && this.wish.kernel !== kernel) {
      this.withdraw();
    }
    this.changed.emit();
  }

  private onEnded(_: IEnvironments, build: Build): void {
    if (this.wish?.build !== build.id) {
      return;
    }
    const wanted = this.wanted;
    if (build.last?.phase === 'ready' && wanted) {
      this.wish.isBuilt = true;
      this.changed.emit();
      this.offered.emit(wanted);
    } else {
      this.withdraw();
    }
  }

  private wish: IWish | null = null;
  private target: IEnvironmentKey | null = null;
  private choice = 0;
}
