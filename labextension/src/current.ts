import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { IEnvironments } from './tokens';
import type { Environment } from './wire';

/** The environment of the notebook or console that is in front. */
export class CurrentEnvironment {
  constructor(
    private readonly shell: JupyterFrontEnd.IShell,
    private readonly model: IEnvironments
  ) {
    shell.currentChanged?.connect(() => this.follow());
    model.changed.connect(() => this.update());
    this.follow();
  }

  environment: Environment | undefined;

  /** It is another environment, or none; not emitted when only its state changed. */
  get changed(): ISignal<this, void> {
    return this.moved;
  }

  private follow(): void {
    const session = sessionOf(this.shell.currentWidget);
    if (session !== this.session) {
      this.session?.kernelChanged.disconnect(this.update, this);
      this.session = session;
      session?.kernelChanged.connect(this.update, this);
    }
    this.update();
  }

  private update(): void {
    const kernel = this.session?.session?.kernel?.id;
    const before = this.environment;
    this.environment = kernel === undefined ? undefined : this.model.environmentOfKernel(kernel);
    if (before?.manifest !== this.environment?.manifest || before?.name !== this.environment?.name) {
      this.moved.emit();
    }
  }

  private session: ISessionContext | undefined;
  private readonly moved = new Signal<this, void>(this);
}

/** Notebooks, consoles, and whatever else has a kernel and says so as they do. */
export function sessionOf(widget: Widget | null): ISessionContext | undefined {
  return (widget as { sessionContext?: ISessionContext } | null)?.sessionContext;
}
