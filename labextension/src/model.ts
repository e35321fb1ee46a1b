import type { Event, Kernel, ServiceManager } from '@jupyterlab/services';
import { Poll } from '@lumino/polling';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { Api, problemOf } from './request';
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

const ENDS: readonly BuildEvent['phase'][] = ['ready', 'failed', 'cancelled'];

export function hasEnded(event: BuildEvent): boolean {
  return ENDS.includes(event.phase);
}

/** Asks the server, listens to its events, and keeps what it knows; has no view. */
export class EnvironmentsModel implements IEnvironments, IDisposable {
  constructor(private readonly services: ServiceManager.IManager) {
    this.api = new Api(services.serverSettings);
    services.events.stream.connect(this.onEvent, this);
    services.kernels.runningChanged.connect(this.onKernels, this);
    this.poll = new Poll({
      factory: () => this.ask(),
      frequency: { interval: INTERVAL, backoff: true, max: 300_000 },
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
  readonly changed = new Signal<this, void>(this);
  readonly event = new Signal<this, BuildEvent>(this);
  readonly ended = new Signal<this, Build>(this);

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.poll.dispose();
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

  async refresh(): Promise<void> {
    await this.poll.refresh();
    await this.poll.tick;
  }

  async build(environment: IEnvironmentKey, options: IBuildOptions = {}): Promise<string> {
    const body = { workspace: environment.manifest, environment: environment.name, options };
    const { id } = await this.api.post<BuildStarted>('builds', body);
    this.running.add(id);
    void this.refresh();
    return id;
  }

  async cancel(build: string): Promise<void> {
    await this.api.delete(`builds/${encodeURIComponent(build)}`);
  }

  private async ask(): Promise<void> {
    try {
      const [workspaces, environments, builds] = await Promise.all([
        this.api.get<Workspaces>('workspaces'),
        this.api.get<Environments>('environments'),
        this.api.get<Builds>('builds')
      ]);
      this.take(workspaces, environments, builds);
    } catch (error) {
      this.unreachable = problemOf(error);
      this.changed.emit();
      throw error;
    }
  }

  private take(workspaces: Workspaces, environments: Environments, builds: Builds): void {
    const kernelspecs = this.kernelspecs;
    this.isReady = true;
    this.unreachable = null;
    this.workspaces = workspaces.workspaces;
    this.problems = workspaces.problems;
    this.environments = environments.environments;
    this.builds = builds.builds;
    this.changed.emit();
    if (this.kernelspecs !== kernelspecs) {
      void this.services.kernelspecs.refreshSpecs();
    }
    builds.builds.forEach(build => this.note(build));
  }

  /** The kernelspecs that there should be, as one text. */
  private get kernelspecs(): string {
    return this.environments.map(found => found.kernelspec ?? '').join();
  }

  /** Say once that a build ended which was running when it was last seen. */
  private note(build: Build): void {
    if (!build.ended) {
      this.running.add(build.id);
    } else if (this.running.delete(build.id)) {
      this.ended.emit(build);
    }
  }

  private onEvent(_: Event.IManager, emission: Event.Emission): void {
    if (emission.schema_id !== BUILD_EVENTS) {
      return;
    }
    const event = emission as unknown as BuildEvent;
    this.running.add(event.build);
    if (hasEnded(event) || !this.builds.some(build => build.id === event.build)) {
      void this.refresh();
    } else {
      this.follow(event);
    }
    this.event.emit(event);
  }

  /** Bring the build and its environment to what an event says, without asking. */
  private follow(event: BuildEvent): void {
    this.builds = this.builds.map(build => (build.id === event.build ? { ...build, last: event } : build));
    this.environments = this.environments.map(found =>
      found.manifest === event.manifest && found.name === event.environment
        ? { ...found, state: 'building', build: event.build, fraction: event.fraction, reason: event.message }
        : found
    );
    this.changed.emit();
  }

  private onKernels(_: Kernel.IManager, models: Kernel.IModel[]): void {
    const ids = models
      .map(model => model.id)
      .sort()
      .join();
    if (ids !== this.kernelIds) {
      this.kernelIds = ids;
      void this.refresh();
    }
  }

  private readonly poll: Poll<void>;
  private readonly running = new Set<string>();
  private kernelIds = '';
}
