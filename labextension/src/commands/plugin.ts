import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon, editIcon, folderIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { actions } from './actions';
import type { IAction } from './actions';
import { basename, isBelowRoot } from '../paths';
import { showProblem } from '../problems';
import { problemOf } from '../request';
import { CommandIDs, IEnvironments, ISelection, SETTINGS } from '../tokens';
import type { Environment } from '../wire';
import { DOMAIN } from '../words';

type Arguments = ReadonlyPartialJSONObject;

/** What a command about an environment takes. */
const ABOUT = {
  args: {
    type: 'object',
    properties: {
      manifest: { type: 'string', description: 'Contents path of the manifest' },
      environment: { type: 'string', description: 'Name of the environment' },
      isContextMenu: { type: 'boolean', description: 'Whether the label leaves out what it is about' }
    }
  }
} as const;

/** Adds the commands, and keeps what the palette and menus show of them true. */
class Commands {
  constructor(
    app: JupyterFrontEnd,
    private readonly model: IEnvironments,
    private readonly selection: ISelection,
    private readonly trans: TranslationBundle
  ) {
    const { commands } = app;
    this.commands = commands;
    const table = actions(app, model, trans);
    Object.entries(table).forEach(([id, action]) => this.addAction(id, action));
    this.addFiles();
    this.ids = [
      ...Object.keys(table),
      CommandIDs.openManifest,
      CommandIDs.revealManifest,
      CommandIDs.copyPath
    ];
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh Environments'),
      caption: trans.__('Look for environments again'),
      icon: args => (args.isPalette ? undefined : refreshIcon),
      execute: () => model.refresh()
    });
    model.changed.connect(this.update, this);
    selection.changed.connect(this.update, this);
  }

  private readonly commands: CommandRegistry;
  /** Those whose labels and states follow the selection. */
  readonly ids: readonly string[];

  private addAction(id: string, action: IAction): void {
    const { selection } = this;
    const where = (test?: (environment: Environment) => boolean) => (args: Arguments) => {
      const environment = selection.environmentOf(args);
      return environment !== undefined && (test?.(environment) ?? true);
    };
    this.commands.addCommand(id, {
      label: args => {
        const environment = selection.environmentOf(args);
        return this.titled(action.label(environment), environment?.title, args);
      },
      caption: action.caption,
      icon: args => (args.isPalette ? undefined : action.icon),
      describedBy: ABOUT,
      isVisible: where(action.isVisible),
      isEnabled: where(action.isEnabled),
      execute: async args => {
        // the list of builds names a build, which may be of an environment that is no more
        if (id === CommandIDs.cancel && typeof args.build === 'string') {
          const { build } = args;
          return this.attempt(action.label(), () => this.model.cancel(build));
        }
        const environment = selection.environmentOf(args);
        return environment && this.attempt(action.label(environment), () => action.execute(environment));
      }
    });
  }

  /** What is about a manifest: of an environment, or of a workspace. */
  private addFiles(): void {
    const { commands, selection, trans } = this;
    // also one that cannot be read
    const manifestOf = (args: Arguments) => String(args.manifest ?? selection.manifest ?? '');
    const isReachable = (args: Arguments) => manifestOf(args) !== '' && isBelowRoot(manifestOf(args));
    commands.addCommand(CommandIDs.openManifest, {
      label: args => trans.__('Open %1', basename(manifestOf(args)) || trans.__('Manifest')),
      caption: trans.__('Open the file that says what belongs to the environment'),
      icon: args => (args.isPalette ? undefined : editIcon),
      describedBy: ABOUT,
      isEnabled: isReachable,
      execute: args => commands.execute('docmanager:open', { path: manifestOf(args) })
    });
    commands.addCommand(CommandIDs.revealManifest, {
      label: trans.__('Show in File Browser'),
      icon: args => (args.isPalette ? undefined : folderIcon),
      describedBy: ABOUT,
      isEnabled: args => isReachable(args) && commands.hasCommand('filebrowser:go-to-path'),
      execute: args => commands.execute('filebrowser:go-to-path', { path: manifestOf(args) })
    });
    const pathOf = (args: Arguments) =>
      selection.environmentOf(args)?.prefix ?? selection.workspaceOf(args)?.root;
    commands.addCommand(CommandIDs.copyPath, {
      label: trans.__('Copy Path'),
      caption: trans.__('Copy where the environment, or the workspace, is on the server'),
      icon: args => (args.isPalette ? undefined : copyIcon),
      describedBy: ABOUT,
      isEnabled: args => pathOf(args) !== undefined,
      execute: args => Clipboard.copyToSystem(pathOf(args) ?? '')
    });
  }

  /** In the context menu the row says what a command is about; elsewhere the label does. */
  private titled(label: string, title: string | undefined, args: Arguments): string {
    return args.isContextMenu || title === undefined ? label : this.trans.__('%1: %2', title, label);
  }

  private async attempt(label: string, work: () => Promise<unknown>): Promise<unknown> {
    try {
      return await work();
    } catch (error) {
      return showProblem(label.replace(/…$/, ''), problemOf(error), this.trans);
    }
  }

  /** Menus ask when they open; the palette and buttons have to be told. */
  private update(): void {
    const { manifest } = this.selection;
    const environment = this.selection.environmentOf({});
    if (environment !== this.shown.environment || manifest !== this.shown.manifest) {
      this.shown = { environment, manifest };
      this.ids.forEach(id => this.commands.notifyCommandChanged(id));
    }
  }

  private shown: { environment?: Environment; manifest: string | null } = { manifest: null };
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: SETTINGS,
  description: 'The commands about environments.',
  autoStart: true,
  requires: [IEnvironments, ISelection],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: IEnvironments,
    selection: ISelection,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { ids } = new Commands(app, model, selection, trans);
    [CommandIDs.open, CommandIDs.refresh, ...ids].forEach(command =>
      palette?.addItem({ command, category: trans.__('Environments'), args: { isPalette: true } })
    );
  }
};

export default plugin;
