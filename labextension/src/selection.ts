import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import { CurrentEnvironment } from './current';
import { IEnvironments, ISelection } from './tokens';
import type { Environment, Workspace } from './wire';

/** Holds names only: what they stand for is looked up when it is asked for. */
export class Selection implements ISelection {
  constructor(
    private readonly model: IEnvironments,
    private readonly front: CurrentEnvironment
  ) {
    front.changed.connect(this.follow, this);
  }

  manifest: string | null = null;
  name: string | null = null;
  readonly changed = new Signal<this, void>(this);

  get current(): Environment | undefined {
    return this.front.environment;
  }

  select(manifest: string, environment: string | null = null): void {
    if (manifest !== this.manifest || environment !== this.name) {
      this.manifest = manifest;
      this.name = environment;
      this.changed.emit();
    }
  }

  environmentOf(args: ReadonlyPartialJSONObject): Environment | undefined {
    const named = typeof args.manifest === 'string' && typeof args.environment === 'string';
    const [manifest, name] = named ? [args.manifest, args.environment] : [this.manifest, this.name];
    return this.model.environment({ manifest: String(manifest), name: String(name) });
  }

  workspaceOf(args: ReadonlyPartialJSONObject): Workspace | undefined {
    const manifest = args.workspace ?? args.manifest ?? this.manifest;
    return this.model.workspaces.find(found => found.manifest === manifest);
  }

  private follow(): void {
    if (this.current) {
      this.manifest = this.current.manifest;
      this.name = this.current.name;
    }
    this.changed.emit();
  }
}

const plugin: JupyterFrontEndPlugin<ISelection> = {
  id: 'appose-kernel:selection',
  description: 'Knows which environment is selected, and which one the notebook in front has.',
  autoStart: true,
  requires: [IEnvironments],
  provides: ISelection,
  activate: (app: JupyterFrontEnd, model: IEnvironments): ISelection =>
    new Selection(model, new CurrentEnvironment(app.shell, model))
};

export default plugin;
