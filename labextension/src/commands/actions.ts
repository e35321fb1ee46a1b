import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import {
  buildIcon,
  consoleIcon,
  deleteIcon,
  notebookIcon,
  refreshIcon,
  stopIcon,
  terminalIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { deletePrefix } from './deleting';
import { rebuild } from './rebuilding';
import { isHalfRebuilt } from './retrying';
import { Users } from './users';
import { isBelowRoot } from '../paths';
import { CommandIDs } from '../tokens';
import type { IEnvironments } from '../tokens';
import type { Environment, TerminalStarted } from '../wire';

/** Something to do with one environment. */
export interface IAction {
  icon: LabIcon;
  /** Without the environment's title. */
  label: (environment?: Environment) => string;
  caption: string;
  /** Where it makes sense at all; shown nowhere else. */
  isVisible?: (environment: Environment) => boolean;
  /** Where it can be done now. */
  isEnabled?: (environment: Environment) => boolean;
  execute: (environment: Environment) => Promise<unknown>;
}

/** The actions, by their command. */
export function actions(
  app: JupyterFrontEnd,
  model: IEnvironments,
  trans: TranslationBundle
): Record<string, IAction> {
  const users = new Users(app);
  return {
    ...starting(app.commands, model, trans),
    ...building(model, users, trans),
    ...deleting(model, users, trans)
  };
}

function starting(
  commands: CommandRegistry,
  model: IEnvironments,
  trans: TranslationBundle
): Record<string, IAction> {
  const canStart = (command: string) => (environment: Environment) =>
    environment.kernelspec !== null && commands.hasCommand(command);
  return {
    [CommandIDs.newNotebook]: {
      icon: notebookIcon,
      label: () => trans.__('New Notebook'),
      caption: trans.__('Create a notebook with a kernel of this environment'),
      isEnabled: canStart('notebook:create-new'),
      execute: environment =>
        commands.execute('notebook:create-new', {
          cwd: folderOf(environment, model),
          kernelName: environment.kernelspec
        })
    },
    [CommandIDs.newConsole]: {
      icon: consoleIcon,
      label: () => trans.__('New Console'),
      caption: trans.__('Open a console with a kernel of this environment'),
      isEnabled: canStart('console:create'),
      execute: environment =>
        commands.execute('console:create', {
          cwd: folderOf(environment, model),
          kernelPreference: { name: environment.kernelspec }
        })
    },
    [CommandIDs.terminal]: {
      icon: terminalIcon,
      label: () => trans.__('New Terminal'),
      caption: trans.__('Open a terminal with this environment activated'),
      isEnabled: environment =>
        ['ready', 'drifted'].includes(environment.state) && commands.hasCommand('terminal:open'),
      execute: async ({ manifest, name }) => {
        const body = { workspace: manifest, environment: name };
        const terminal = await model.api.post<TerminalStarted>('terminals', body);
        return commands.execute('terminal:open', { name: terminal.name });
      }
    }
  };
}

function building(model: IEnvironments, users: Users, trans: TranslationBundle): Record<string, IAction> {
  return {
    [CommandIDs.build]: {
      icon: buildIcon,
      label: environment => {
        switch (environment?.state) {
          case 'failed':
            return trans.__('Retry Build');
          case 'drifted':
            return trans.__('Update');
          default:
            return trans.__('Build');
        }
      },
      caption: trans.__('Install what the manifest asks for'),
      isVisible: ({ state }) => state !== 'ready' && state !== 'building',
      isEnabled: ({ here }) => here,
      execute: environment => model.build(environment, { rebuild: isHalfRebuilt(environment, model) })
    },
    [CommandIDs.rebuild]: {
      icon: refreshIcon,
      label: () => trans.__('Rebuild from Scratch'),
      caption: trans.__('Install every package again'),
      isVisible: ({ state }) => state !== 'not built' && state !== 'building',
      isEnabled: ({ here }) => here,
      execute: environment => rebuild(model, users, environment, trans)
    },
    [CommandIDs.cancel]: {
      icon: stopIcon,
      label: () => trans.__('Cancel Build'),
      caption: trans.__('Stop the build, for everybody who waits for it'),
      isVisible: ({ state }) => state === 'building',
      isEnabled: ({ build }) => build !== null,
      execute: environment => model.cancel(environment.build ?? '')
    }
  };
}

function deleting(model: IEnvironments, users: Users, trans: TranslationBundle): Record<string, IAction> {
  return {
    [CommandIDs.deletePrefix]: {
      icon: deleteIcon,
      label: () => trans.__('Delete Installed Files…'),
      caption: trans.__('Free the space that this environment takes; the manifest stays as it is'),
      isEnabled: ({ removable, state }) => removable && state !== 'building',
      execute: environment => deletePrefix(model, users, environment, trans)
    }
  };
}

/** Where a new notebook belongs: beside the manifest, if Jupyter's files reach there. */
function folderOf(environment: Environment, model: IEnvironments): string {
  const path = model.workspaceOf({ manifest: environment.manifest, name: environment.name })?.path ?? '';
  return isBelowRoot(path) ? path : '';
}
