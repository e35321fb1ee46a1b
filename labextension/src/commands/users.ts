import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Session } from '@jupyterlab/services';

import { sessionOf } from '../current';

/** The kernels that run in an environment, and those who use them. */
export class Users {
  constructor(private readonly app: JupyterFrontEnd) {}

  /** The notebooks and consoles that have these kernels, by their names. */
  names(kernels: readonly string[]): string[] {
    return this.sessions(kernels).map(({ name, path }) => name || path);
  }

  async shutDown(kernels: readonly string[]): Promise<void> {
    const { kernels: manager, sessions } = this.app.serviceManager;
    const known = new Map(this.sessions(kernels).map(({ id, kernel }) => [kernel?.id, id]));
    await Promise.all(
      kernels.map(kernel => {
        const session = known.get(kernel);
        return session === undefined ? manager.shutdown(kernel) : sessions.shutdown(session);
      })
    );
  }

  async restart(kernels: readonly string[]): Promise<void> {
    // where one is open, its notebook has to know
    const open = new Map(
      [...this.app.shell.widgets('main')].map(widget => {
        const context = sessionOf(widget);
        return [context?.session?.kernel?.id, context];
      })
    );
    await Promise.all(
      kernels.map(id => {
        const context = open.get(id);
        return context ? context.restartKernel() : this.restartApart(id);
      })
    );
  }

  private async restartApart(id: string): Promise<void> {
    const connection = this.app.serviceManager.kernels.connectTo({ model: { id, name: '' } });
    try {
      await connection.restart();
    } finally {
      connection.dispose();
    }
  }

  private sessions(kernels: readonly string[]): Session.IModel[] {
    return [...this.app.serviceManager.sessions.running()].filter(({ kernel }) =>
      kernels.includes(kernel?.id ?? '')
    );
  }
}
