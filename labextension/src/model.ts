import type { Event, Kernel, ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import { followBuilds, followEnvironments, hasEnded, kept, keptAll } from './answers';
import { isBelowRoot } from './paths';
import { Api, MISSING, problemOf } from './request';
import type { IBuildOptions, IEnvironmentKey, IEnvironments } from './tokens';
import type {
  Build,
  BuildEvent,
  BuildStarted,
  Builds,
  Environment,
  Environments,
  Problem,
  Workspace,
  Workspaces
} from './wire';

const BUILD_EVENTS = 'https://schema.appose.org/appose-kernel/build';

/** Milliseconds between looks at the server's files, for what nobody tells us: an edit in a terminal. */
const INTERVAL = 10_000;
/** Milliseconds between them at most, while the server does not answer. */
const PATIENCE = 60_000;

/** Asks the server, listens to its events, and keeps what it knows; has no view. */
export class EnvironmentsModel implements IEnvironments, IDisposable {
  constructor(
    private readonly services: ServiceManager.IManager,
    trans?: TranslationBundle
  ) {
    this.api = new Api(services.serverSettings, trans);
    services.events.stream.connect(this.onEvent, this);
    services.kernels.runningChanged.connect(this.onKernels, this);
    document.addEventListener('visibilitychange', this.onVisible);
    this.poll = new Poll({
      factory: () => this.look(),
      frequency: { interval: INTERVAL, backoff: true, max: PATIENCE },
      linger: 0,
      name: 'appose-kernel:environments',
      standby: 'when-hidden'
    });
  }

  readonly api: Api;
  isReady = false;
  unreachable: Problem | null = null;
  workspaces: readonly Workspace[] = [];
  problems: readonly Problem[] = [];
  environments: readonly Environment[] = [];
  builds: readonly Build[] = [];
  readonly startedHere = new Map<string, IBuildOptions>();
  readonly changed = new Signal<this, void>(this);
  readonly event = new Signal<this, BuildEvent>(this);
  readonly ended = new Signal<this, Build>(this);

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.poll.dispose();
      document.removeEventListener('visibilitychange', this.onVisible);
      Signal.clearData(this);
    }
  }

  environmentsOf(workspace: Workspace): readonly Environment[] {
    return this.environments.filter(found => found.manifest === workspace.manifest);
  }

  environment(key: IEnvironmentKey): Environment | undefined {
    return this.environments.find(found => found.manifest === key.manifest && found.name === key.name);
  }

  workspaceOf(environment: IEnvironmentKey): Workspace | undefined {
    return this.workspaces.find(found => found.manifest === environment.manifest);
  }

  environmentOfKernel(id: string): Environment | undefined {
    return this.environments.find(found => found.kernels.includes(id));
  }

  refresh(): Promise<void> {
    // an answer that is on its way may be older than the reason to ask
    this.next ??= this.asking.then(() => {
      this.next = null;
      this.asking = this.ask();
      return this.asking;
    });
    return this.next;
  }

  async build(environment: IEnvironmentKey, options: IBuildOptions = {}): Promise<string> {
    // what only we know of is left out of the JSON
    const asked = { ...options, announced: undefined };
    const body = { workspace: environment.manifest, environment: environment.name, options: asked };
    const { id } = await this.api.post<BuildStarted>('builds', body);
    this.startedHere.set(id, options);
    this.running.set(id, null);
    void this.refresh();
    return id;
  }

  async cancel(build: string): Promise<void> {
    await this.api.delete(`builds/${encodeURIComponent(build)}`);
  }

  /** What the poll does; it looks less often while this rejects, and not where there is nothing to find. */
  private async look(): Promise<void> {
    await this.refresh();
    if (this.isMissing) {
      void this.poll.stop();
    } else if (this.unreachable) {
      throw new Error(this.unreachable.message);
    }
  }

  private async ask(): Promise<void> {
    if (this.isDisposed) {
      return;
    }
    const known = [...this.running.keys()];
    try {
      const [workspaces, environments, builds] = await Promise.all([
        this.api.get<Workspaces>('workspaces'),
        this.api.get<Environments>('environments'),
        this.api.get<Builds>('builds')
      ]);
      const ids = new Set(builds.builds.map(build => build.id));
      // what the server has forgotten runs no more
      known.filter(id => !ids.has(id)).forEach(id => this.running.set(id, null));
      if (this.isMissing) {
        void this.poll.start();
      }
      this.take(workspaces, environments.environments, builds.builds);
    } catch (error) {
      this.update({ unreachable: kept(this.unreachable, problemOf(error)) });
    }
  }

  private take(
    { workspaces, problems }: Workspaces,
    environments: readonly Environment[],
    builds: readonly Build[]
  ): void {
    for (const event of this.newer(builds)) {
      builds = followBuilds(builds, event);
      environments = followEnvironments(environments, event);
    }
    const kernelspecs = this.kernelspecs;
    this.update({
      isReady: true,
      unreachable: null,
      workspaces: keptAll(this.workspaces, workspaces, found => found.manifest),
      problems: keptAll(this.problems, problems, problem => problem.manifest ?? ''),
      environments: keptAll(this.environments, environments, found => `${found.manifest} ${found.name}`),
      builds: keptAll(
        this.builds,
        builds.filter(build => this.isInReach(build, [...workspaces, ...problems])),
        build => build.id
      )
    });
    if (this.kernelspecs !== kernelspecs) {
      void this.services.kernelspecs.refreshSpecs();
    }
    this.builds.forEach(build => this.note(build));
  }

  /** The log has all that this account builds, also for servers that show other folders. */
  private isInReach({ id, manifest }: Build, listed: readonly { manifest?: string }[]): boolean {
    return (
      isBelowRoot(manifest) ||
      this.startedHere.has(id) ||
      listed.some(workspace => workspace.manifest === manifest)
    );
  }

  /** Events that came while an answer with these builds was on its way: they know more. */
  private newer(builds: readonly Build[]): BuildEvent[] {
    const seen = new Map(
      builds.map(build => [build.id, build.ended ? Infinity : (build.last?.sequence ?? -1)])
    );
    return [...this.running.values()].filter(
      (event): event is BuildEvent => event !== null && event.sequence > (seen.get(event.build) ?? -1)
    );
  }

  /** Replace state, and tell if any of it is new. */
  private update(state: Partial<EnvironmentsModel>): void {
    const names = Object.keys(state) as (keyof EnvironmentsModel)[];
    const isNew = names.some(name => this[name] !== state[name]);
    if (isNew && !this.isDisposed) {
      Object.assign(this, state);
      this.changed.emit();
    }
  }

  /** The kernelspecs that there should be, as one text. */
  private get kernelspecs(): string {
    const names = this.environments.flatMap(found => [
      found.kernelspec,
      ...found.own_kernels.map(own => own.kernelspec)
    ]);
    return names.join();
  }

  /** Say once that a build ended which was running when it was last seen. */
  private note(build: Build): void {
    if (!build.ended) {
      this.running.set(build.id, build.last);
    } else if (this.running.delete(build.id)) {
      this.ended.emit(build);
    }
  }

  private onEvent(_: Event.IManager, emission: Event.Emission): void {
    if (emission.schema_id !== BUILD_EVENTS) {
      return;
    }
    const event = emission as unknown as BuildEvent;
    const isOver = this.builds.some(build => build.id === event.build && build.ended);
    if (!isOver) {
      this.follow(event);
    }
    this.event.emit(event);
  }

  private follow(event: BuildEvent): void {
    if (hasEnded(event) || !this.running.has(event.build)) {
      void this.refresh();
    }
    if (hasEnded(event)) {
      this.running.set(event.build, null);
      return;
    }
    this.running.set(event.build, event);
    this.update({
      builds: followBuilds(this.builds, event),
      environments: followEnvironments(this.environments, event)
    });
  }

  private onKernels(_: Kernel.IManager, models: Kernel.IModel[]): void {
    const ids = models
      .map(model => model.id)
      .sort()
      .join();
    if (ids !== this.kernelIds) {
      this.kernelIds = ids;
      this.wake();
    }
  }

  private readonly onVisible = (): void => {
    if (!document.hidden) {
      this.wake();
    }
  };

  /** Something happened that may be ours; where the server has no such routes, only people ask again. */
  private wake(): void {
    if (!this.isMissing) {
      void this.refresh();
    }
  }

  private get isMissing(): boolean {
    return this.unreachable?.code === MISSING;
  }

  private readonly poll: Poll<void>;
  private asking = Promise.resolve();
  private next: Promise<void> | null = null;
  /** The builds that have not ended, each with its newest event, as far as is known. */
  private readonly running = new Map<string, BuildEvent | null>();
  private kernelIds = '';
}
