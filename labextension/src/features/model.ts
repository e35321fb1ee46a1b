import type { IStateDB } from '@jupyterlab/statedb';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import { Editing } from './editing';
import type { IKept } from './editing';
import { Keeping } from './keeping';
import { BASE, findFeature } from './outline';
import type { IEnvironments } from '../tokens';
import type { Feature, FeatureName } from '../wire';

const KEY = 'appose-kernel:features';

/** Milliseconds between looks at the manifest, for what other programs write into it. */
const INTERVAL = 10_000;

interface IState {
  workspace: string | null;
  kept: Record<string, IKept>;
}

/** Which workspace's manifest is edited, and what of it is looked at. */
export class FeaturesModel implements IDisposable {
  constructor(
    readonly environments: IEnvironments,
    store: IStateDB | null
  ) {
    this.keeping = new Keeping(store, KEY);
    this.poll = new Poll({
      auto: false,
      factory: () => this.read(),
      frequency: { interval: INTERVAL, backoff: true },
      name: 'appose-kernel:features',
      standby: () => (this.isVisible ? 'when-hidden' : true)
    });
    environments.changed.connect(this.onEnvironments, this);
    this.restored = this.restore();
  }

  editing: Editing | null = null;
  /** The feature that is shown. */
  feature: FeatureName = BASE;
  /** The platform selector whose dependencies are shown; empty for those of all platforms. */
  target = '';
  readonly changed = new Signal<this, void>(this);
  /** Resolves once it is known what was pending when the page was left. */
  readonly restored: Promise<void>;
  isDisposed = false;

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.poll.dispose();
      this.keeping.dispose();
      this.editings.forEach(editing => editing.dispose());
      Signal.clearData(this);
    }
  }

  get isVisible(): boolean {
    return this.shown;
  }

  set isVisible(visible: boolean) {
    if (visible !== this.shown) {
      this.shown = visible;
      void (visible ? this.restored.then(() => this.look()) : this.poll.stop());
    }
  }

  /** The manifest's contents path. */
  get workspace(): string | null {
    return this.editing?.workspace ?? null;
  }

  /** The feature that is shown, as the manifest would define it. */
  get shownFeature(): Feature | undefined {
    const outline = this.editing?.outline;
    return outline ? (findFeature(outline, this.feature) ?? outline.features[0]) : undefined;
  }

  /** Show another workspace; what is pending for this one is kept. */
  async select(workspace: string): Promise<void> {
    await this.restored;
    this.open(workspace);
  }

  /** Go where the current notebook is, unless something is pending here. */
  async follow(workspace: string): Promise<void> {
    await this.restored;
    if (!this.editing?.isPending) {
      this.open(workspace);
    }
  }

  show(feature: FeatureName, target?: string): void {
    this.feature = feature;
    this.target = target ?? firstTarget(this.shownFeature);
    this.changed.emit();
  }

  private open(workspace: string): void {
    if (workspace === this.workspace) {
      return;
    }
    let editing = this.editings.get(workspace);
    if (!editing) {
      editing = new Editing(this.environments.api, workspace, () => !this.shown, this.kept[workspace]);
      editing.changed.connect(this.onEditing, this);
      editing.planning.changed.connect(() => this.changed.emit());
      this.editings.set(workspace, editing);
    }
    this.editing = editing;
    this.feature = BASE;
    this.target = '';
    this.look();
    this.onEditing();
  }

  /** Read the manifest now, and from time to time while it is looked at. */
  private look(): void {
    if (this.shown && this.editing && !this.isDisposed) {
      void this.poll.start();
      void this.poll.refresh();
    }
  }

  private async read(): Promise<void> {
    const { editing, environments } = this;
    if (environments.unreachable) {
      return; // it is known already, and said by those who look for it
    }
    const found = environments.workspaces.find(({ manifest }) => manifest === editing?.workspace);
    if (found?.editable !== false) {
      await editing?.refresh();
    }
  }

  private async restore(): Promise<void> {
    const state = await this.keeping.fetch();
    this.kept = { ...state?.kept };
    if (state?.workspace && !this.isDisposed) {
      this.open(state.workspace);
    }
    this.begin();
  }

  /** Without a workspace that was shown before, the first one that has something to edit. */
  private begin(): void {
    const first = this.environments.workspaces.find(({ editable }) => editable);
    if ((!this.editing || this.isGone) && first && !this.isDisposed) {
      this.open(first.manifest);
    }
  }

  /** What was shown when the page was left is no more, and nothing was pending for it. */
  private get isGone(): boolean {
    const { editing, environments } = this;
    const found = [...environments.workspaces, ...environments.problems];
    return (
      environments.isReady &&
      !!editing?.problem &&
      !editing.manifest &&
      !editing.isPending &&
      !found.some(({ manifest }) => manifest === editing.workspace)
    );
  }

  private onEnvironments(): void {
    void this.restored.then(() => this.begin());
    this.changed.emit();
  }

  private onEditing(): void {
    const { workspace, editing } = this;
    if (!workspace || !editing) {
      return;
    }
    if (!this.target && !editing.isPending) {
      this.target = firstTarget(this.shownFeature);
    }
    this.save();
    this.changed.emit();
    this.begin();
  }

  private save(): void {
    this.editings.forEach(({ manifest, kept, workspace }) => {
      if (kept) {
        this.kept[workspace] = kept;
      } else if (manifest) {
        delete this.kept[workspace];
      }
    });
    this.keeping.save({ workspace: this.workspace, kept: this.kept });
  }

  private readonly editings = new Map<string, Editing>();
  private readonly keeping: Keeping<IState>;
  private readonly poll: Poll<void>;
  private kept: Record<string, IKept> = {};
  private shown = false;
}

/** Where a feature has something to show. */
function firstTarget(feature: Feature | undefined): string {
  const targets = feature?.dependencies.map(({ target }) => target) ?? [];
  return targets.includes('') ? '' : (targets[0] ?? '');
}
