import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addIcon } from '@jupyterlab/ui-components';

import { environmentsIcon } from '../icons';
import { serverPath } from '../paths';
import { SOURCE } from '../sources';
import { CommandIDs, IEnvironments } from '../tokens';
import { DOMAIN } from '../words';

/** What the file browser's context menu offers for manifests, and for what can become one. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:files',
  description: 'Commands about manifests, for the context menu of the file browser.',
  autoStart: true,
  requires: [IEnvironments, IFileBrowserFactory],
  optional: [ITranslator],
  activate: (
    { commands, serviceManager: { contents } }: JupyterFrontEnd,
    model: IEnvironments,
    browsers: IFileBrowserFactory,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const selected = () =>
      serverPath(contents, browsers.tracker.currentWidget?.selectedItems().next().value?.path ?? '') ?? '';
    const isEditable = () => model.workspaces.some(found => found.editable && found.manifest === selected());

    commands.addCommand(CommandIDs.editFile, {
      label: trans.__('Edit Environments'),
      caption: trans.__('Show what this manifest defines, to change it'),
      icon: environmentsIcon,
      isVisible: () => isEditable() && commands.hasCommand(CommandIDs.editFeatures),
      execute: () => commands.execute(CommandIDs.editFeatures, { workspace: selected() })
    });
    commands.addCommand(CommandIDs.newFromFile, {
      label: trans.__('New Environment from This File…'),
      caption: trans.__('Make an environment with the packages that this file asks for'),
      icon: addIcon,
      isVisible: () => SOURCE.test(selected()) && commands.hasCommand(CommandIDs.newEnvironment),
      execute: () => commands.execute(CommandIDs.newEnvironment, { source: selected() })
    });
  }
};

export default plugin;
