import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ISearchProviderRegistry } from '@jupyterlab/documentsearch';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { listIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { headingText } from '../builds/words';
import { logFinder } from './finder';
import { LogReader } from './reader';
import { fillToolbar } from './toolbar';
import { LogWidget } from './widget';
import { CommandIDs, IEnvironments, ISelection } from '../tokens';
import { DOMAIN } from '../words';

const NAMESPACE = 'appose-kernel-log';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:log',
  description: 'Shows the logs of builds.',
  autoStart: true,
  requires: [IEnvironments, ISelection],
  optional: [ITranslator, ILabShell, ILayoutRestorer, ISearchProviderRegistry],
  activate: (
    app: JupyterFrontEnd,
    environments: IEnvironments,
    selection: ISelection,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    searches: ISearchProviderRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const tracker = new WidgetTracker<MainAreaWidget<LogWidget>>({ namespace: NAMESPACE });
    const buildOf = (args: ReadonlyPartialJSONObject): string | null =>
      typeof args.build === 'string' ? args.build : (selection.environmentOf(args)?.build ?? null);

    const open = (build: string): MainAreaWidget<LogWidget> => {
      const reader = new LogReader(environments, build, phase => headingText(phase, trans));
      const content = new LogWidget(reader, trans);
      const widget = new MainAreaWidget({ content, translator: translator ?? undefined });
      widget.id = `${NAMESPACE}-${build}`;
      fillToolbar(widget.toolbar, content.state, app.commands, trans);
      // Notebook has one document in its main area, and room below it
      app.shell.add(widget, labShell ? 'main' : 'down', { type: 'Build Log' });
      void tracker.add(widget);
      return widget;
    };

    app.commands.addCommand(CommandIDs.showLog, {
      label: trans.__('Show Build Log'),
      caption: trans.__('Read what the last build did'),
      icon: args => (args.isPalette ? undefined : listIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            build: { type: 'string', description: 'Id of a build' },
            manifest: { type: 'string', description: 'Or else: contents path of the manifest' },
            environment: { type: 'string', description: 'Name of the environment' }
          }
        }
      },
      isEnabled: args => buildOf(args) !== null,
      execute: args => {
        const build = buildOf(args);
        if (build === null) {
          return;
        }
        const widget = tracker.find(known => known.content.reader.id === build) ?? open(build);
        app.shell.activateById(widget.id);
        return widget;
      }
    });
    searches?.add(NAMESPACE, logFinder);
    void restorer?.restore(tracker, {
      command: CommandIDs.showLog,
      args: widget => ({ build: widget.content.reader.id }),
      name: widget => widget.content.reader.id
    });
  }
};

export default plugin;
