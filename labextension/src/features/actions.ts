import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { FeaturesModel } from './model';
import { worthBuilding } from './outline';
import { problemOf } from '../request';
import type { IEnvironments, ISelection } from '../tokens';
import type { Build, Environment } from '../wire';

/** What follows an edit: builds, and kernels that do not know of them yet. */
export class FeaturesActions {
  constructor(
    private readonly model: FeaturesModel,
    private readonly commands: CommandRegistry,
    private readonly selection: ISelection,
    private readonly notebooks: INotebookTracker | null,
    private readonly trans: TranslationBundle
  ) {
    selection.changed.connect(this.follow, this);
    model.environments.ended.connect(this.onEnded, this);
    this.follow();
  }

  /** The environment of the notebook in front, if it is of the workspace that is shown. */
  get current(): string | null {
    const { current } = this.selection;
    return current && current.manifest === this.model.workspace ? current.name : null;
  }

  /** The names of the environments that are built once the pending edits are written, in that order. */
  get toBuild(): string[] {
    const { editing } = this.model;
    return editing ? worthBuilding(editing.concerns, this.own, this.current) : [];
  }

  /** The environments of the workspace that is shown, as they are now. */
  private get own(): Environment[] {
    const { environments, workspace } = this.model;
    return environments.environments.filter(found => found.manifest === workspace);
  }

  async apply(): Promise<void> {
    if (await this.model.editing?.apply()) {
      await this.model.environments.refresh();
    }
  }

  async applyAndBuild(): Promise<void> {
    const { environments, editing } = this.model;
    const before = this.own;
    const applied = await editing?.apply();
    if (!editing || !applied) {
      return;
    }
    await environments.refresh();
    const names = worthBuilding(applied, before, this.current);
    for (const environment of names.flatMap(name => this.own.filter(found => found.name === name))) {
      if (!environment.here) {
        continue; // a new one for other machines
      }
      try {
        // the lock is older than what was just written
        this.started.add(await environments.build(environment, { locked: false }));
      } catch (error) {
        const { message, remedy } = problemOf(error);
        Notification.error([message, remedy].filter(text => text).join('\n'));
      }
    }
  }

  /** Show the manifest in the editor, at a line (from 1) where there is one. */
  async openAt(line: number | null): Promise<void> {
    const path = this.model.workspace;
    const widget = path && (await this.commands.execute('docmanager:open', { path, factory: 'Editor' }));
    if (widget && line !== null) {
      await widget.context.ready;
      await widget.content.ready;
      const position = { line: line - 1, column: 0 };
      widget.content.editor.setCursorPosition(position);
      widget.content.editor.focus();
    }
  }

  private follow(): void {
    const { current } = this.selection;
    if (current && current.manifest !== this.followed) {
      void this.model.follow(current.manifest);
    }
    this.followed = current?.manifest;
    this.model.changed.emit();
  }

  /** A kernel goes on with the packages that it has loaded. */
  private onEnded(environments: IEnvironments, build: Build): void {
    if (!this.started.delete(build.id) || build.last?.phase !== 'ready') {
      return;
    }
    const kernels =
      environments.environment({ manifest: build.manifest, name: build.environment })?.kernels ?? [];
    const panels = this.notebooks?.filter(({ sessionContext }) =>
      kernels.includes(sessionContext.session?.kernel?.id ?? '')
    );
    if (!panels?.length) {
      return;
    }
    const names = panels.map(panel => panel.title.label).join(', ');
    Notification.info(
      this.trans.__('%1 is up to date. %2 uses it, and knows of it after a restart.', build.title, names),
      {
        autoClose: false,
        actions: [
          {
            label: this.trans._n('Restart kernel', 'Restart kernels', panels.length),
            displayType: 'accent',
            callback: () => panels.forEach(panel => void panel.sessionContext.restartKernel())
          }
        ]
      }
    );
  }

  /** Builds that were asked for here. */
  private readonly started = new Set<string>();
  private followed: string | undefined;
}
