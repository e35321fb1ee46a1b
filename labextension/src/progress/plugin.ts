import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';

import { removeProgress } from './cells';

/** States of a kernel in which it takes nothing back of what it has shown. */
const GONE = ['restarting', 'autorestarting', 'terminating', 'dead'];

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:progress',
  description: 'No cell shows a build for longer than it waits for it.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker): void => {
    const known = new WeakSet<ISessionContext>();
    tracker.widgetAdded.connect((_, { context }: NotebookPanel) => {
      const { sessionContext } = context;
      if (known.has(sessionContext)) {
        return; // a second view of a notebook
      }
      known.add(sessionContext);
      const clean = (): void => removeProgress((context.model as INotebookModel).cells);
      void context.ready.then(clean);
      sessionContext.kernelChanged.connect(clean);
      sessionContext.statusChanged.connect((_, status) => GONE.includes(status) && clean());
    });
  }
};

export default plugin;
