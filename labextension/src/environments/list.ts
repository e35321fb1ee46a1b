import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { Filter, grouped } from './listing';
import type { Group } from './listing';
import type { IEnvironments, ISelection } from '../tokens';
import type { Environment } from '../wire';

/** A line of the section: a group's head, or one of its environments. */
export interface IRow {
  /** Of this row alone, and always the same. */
  key: string;
  group: Group;
  environment: Environment | null;
  isExpanded: boolean;
}

/** What the section “Environments” shows, and where the keyboard is in it. */
export class EnvironmentList implements IDisposable {
  constructor(
    readonly model: IEnvironments,
    readonly selection: ISelection,
    trans: TranslationBundle
  ) {
    this.filter = new Filter(trans);
    model.changed.connect(this.update, this);
    selection.changed.connect(this.onSelection, this);
    this.update();
  }

  /** What is to be seen, from top to bottom. */
  rows: readonly IRow[] = [];
  isDisposed = false;
  readonly changed = new Signal<this, void>(this);
  /** A workspace was folded or unfolded. */
  readonly foldedChanged = new Signal<this, void>(this);

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      Signal.clearData(this);
    }
  }

  /** Manifests of the workspaces that are folded. */
  get folded(): readonly string[] {
    return [...this.closed];
  }

  set folded(manifests: readonly string[]) {
    this.closed = new Set(manifests);
    this.update();
  }

  get query(): string {
    return this.text;
  }

  set query(text: string) {
    if (text !== this.text) {
      this.text = text;
      this.update();
    }
  }

  /** A file in the folder that the file browser shows which a new environment can begin with. */
  get source(): string | null {
    return this.beginning;
  }

  set source(source: string | null) {
    if (source !== this.beginning) {
      this.beginning = source;
      this.changed.emit();
    }
  }

  /** The folder whose workspace comes first. */
  get folder(): string {
    return this.near;
  }

  set folder(path: string) {
    if (path !== this.near) {
      this.near = path;
      this.update();
    }
  }

  /** The row that the keyboard is at: the selected one, else the first. */
  get active(): IRow | undefined {
    return this.rows.find(row => this.isSelected(row)) ?? this.rows[0];
  }

  isSelected({ group, environment }: IRow): boolean {
    return this.selection.manifest === group.manifest && this.selection.name === (environment?.name ?? null);
  }

  isCurrent({ environment }: IRow): boolean {
    const { current } = this.selection;
    return (
      environment !== null && current?.manifest === environment.manifest && current.name === environment.name
    );
  }

  select({ group, environment }: IRow): void {
    this.selection.select(group.manifest, environment?.name);
  }

  /** Fold or unfold a workspace; without `fold`, the other of both. */
  fold(manifest: string, fold = !this.closed.has(manifest)): void {
    if (fold) {
      this.closed.add(manifest);
    } else {
      this.closed.delete(manifest);
    }
    this.update();
    this.foldedChanged.emit();
    if (fold && this.selection.manifest === manifest) {
      this.selection.select(manifest);
    }
  }

  /** What a key does in a tree: https://www.w3.org/WAI/ARIA/apg/patterns/treeview/#keyboardinteraction */
  press(key: string): boolean {
    const { active, rows } = this;
    if (!active) {
      return false;
    }
    const index = rows.indexOf(active);
    const goTo = (row: IRow | undefined) => row && this.select(row);
    const actions: Record<string, () => void> = {
      ArrowDown: () => goTo(rows[index + 1]),
      ArrowUp: () => goTo(rows[index - 1]),
      Home: () => goTo(rows[0]),
      End: () => goTo(rows[rows.length - 1]),
      ArrowRight: () =>
        active.environment || active.isExpanded
          ? goTo(this.childOf(index))
          : this.fold(active.group.manifest, false),
      ArrowLeft: () =>
        active.environment || !active.isExpanded
          ? goTo(this.headOf(active))
          : this.fold(active.group.manifest, true)
    };
    actions[key]?.();
    return key in actions;
  }

  private childOf(index: number): IRow | undefined {
    const next = this.rows[index + 1];
    return this.rows[index].environment || !next?.environment ? undefined : next;
  }

  private headOf(row: IRow): IRow | undefined {
    return row.environment ? this.rows.find(other => other.group === row.group) : undefined;
  }

  /** What is selected can be seen, but for what the filter leaves out. */
  private onSelection(): void {
    const { manifest, name } = this.selection;
    if (manifest !== null && name !== null && this.closed.has(manifest)) {
      this.fold(manifest, false);
    } else {
      this.changed.emit();
    }
  }

  private update(): void {
    const groups = this.filter.apply(grouped(this.model, this.near), this.text);
    this.rows = groups.flatMap(group => {
      // what was looked for is not hidden
      const isExpanded =
        group.environments.length > 0 && (this.text !== '' || !this.closed.has(group.manifest));
      const head: IRow = { key: group.manifest, group, environment: null, isExpanded };
      const rows = group.environments.map(environment => ({
        key: `${group.manifest}\n${environment.name}`,
        group,
        environment,
        isExpanded: false
      }));
      return isExpanded ? [head, ...rows] : [head];
    });
    this.changed.emit();
  }

  private readonly filter: Filter;
  private closed = new Set<string>();
  private text = '';
  private near = '';
  private beginning: string | null = null;
}
