import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';

import builds from './builds/plugin';
import commands from './commands/plugin';
import environments from './environments/plugin';
import features from './features/plugin';
import files from './commands/files';
import launcher from './launcher/plugin';
import log from './logs/plugin';
import { EnvironmentsModel } from './model';
import newEnvironment from './newenvironment/plugin';
import notifications from './notifications';
import picker from './picker/plugin';
import progress from './progress/plugin';
import selection from './selection';
import sidebar from './sidebar';
import statusbar from './statusbar';
import switching from './switch/plugin';
import { IEnvironments } from './tokens';
import { DOMAIN } from './words';

/** The model that all other plugins look at. */
const model: JupyterFrontEndPlugin<IEnvironments> = {
  id: 'appose-kernel:model',
  description: 'Knows the environments that kernels can be started in, and their builds.',
  autoStart: true,
  provides: IEnvironments,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): IEnvironments =>
    new EnvironmentsModel(app.serviceManager, translator?.load(DOMAIN))
};

const plugins: JupyterFrontEndPlugin<any>[] = [
  model,
  selection,
  sidebar,
  environments,
  commands,
  features,
  files,
  switching,
  builds,
  launcher,
  log,
  newEnvironment,
  picker,
  progress,
  statusbar,
  notifications
];

export default plugins;
