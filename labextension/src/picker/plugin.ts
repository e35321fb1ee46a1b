import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { SessionContextDialogs } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { groupKernels } from './grouping';
import { ALL, showingOf } from '../showing';
import { IEnvironments, SETTINGS } from '../tokens';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:picker',
  description: 'The environments in the dialog “Select Kernel”, by workspace.',
  autoStart: true,
  requires: [IEnvironments],
  optional: [ISettingRegistry],
  activate: (_: JupyterFrontEnd, model: IEnvironments, registry: ISettingRegistry | null): void => {
    let settings: ISettingRegistry.ISettings | null = null;
    void registry?.load(SETTINGS).then(loaded => {
      settings = loaded;
    });
    groupKernels(SessionContextDialogs, model, () => (settings ? showingOf(settings) : ALL));
  }
};

export default plugin;
