import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  ICommandPalette,
  ISessionContextDialogs,
  IToolbarWidgetRegistry,
  Notification
} from '@jupyterlab/apputils';
import type { ISessionContext } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { kernelIcon } from '@jupyterlab/ui-components';

import { problemOf } from '../request';
import { SwitchItem } from './item';
import { SwitchMenu } from './menu';
import type { ISwitchActions } from './menu';
import { NotOffered, SwitchModel } from './model';
import { CommandIDs, IEnvironments, ISelection, SETTINGS } from '../tokens';
import type { IEnvironmentKey } from '../tokens';
import type { Environment } from '../wire';
import { DOMAIN } from '../words';

/** The name of the toolbar item in schema/switch.json. */
const ITEM = 'appose-environment';

/** Makes the switch of each notebook; views of one notebook share a model. */
class Switches {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly environments: IEnvironments,
    private readonly dialogs: ISessionContextDialogs | null,
    private readonly trans: TranslationBundle
  ) {}

  /** Null until they are loaded. */
  settings: ISettingRegistry.ISettings | null = null;

  /** The toolbar item of a notebook. */
  item(panel: NotebookPanel): SwitchItem {
    const model = this.model(panel);
    const menu = new SwitchMenu(model, this.actions(panel), this.trans);
    const item = new SwitchItem(model, menu, this.trans, error => this.report(error));
    item.disposed.connect(() => menu.dispose());
    this.items.set(panel, item);
    return item;
  }

  open(panel: NotebookPanel): void {
    this.items.get(panel)?.open();
  }

  async choose(panel: NotebookPanel, key: IEnvironmentKey): Promise<void> {
    const { content, context } = panel;
    const runAbove = (): unknown =>
      this.runsAbove &&
      !panel.isDisposed &&
      NotebookActions.runAllAbove(content, context.sessionContext, this.dialogs ?? undefined);
    try {
      await this.model(panel).choose(key, runAbove);
    } catch (error) {
      this.report(error);
    }
  }

  private get runsAbove(): boolean {
    return this.settings?.composite.runAbove === true;
  }

  private model(panel: NotebookPanel): SwitchModel {
    const { context } = panel;
    const session = context.sessionContext;
    let model = this.models.get(session);
    if (!model) {
      model = new SwitchModel(session, this.environments);
      model.offered.connect((sender, environment) => this.offer(sender, environment, session.name));
      this.models.set(session, model);
    }
    return model;
  }

  private actions(panel: NotebookPanel): ISwitchActions {
    const { commands } = this.app;
    return {
      choose: key => void this.choose(panel, key),
      runsAbove: () => this.runsAbove,
      toggleRunAbove: () => void this.settings?.set('runAbove', !this.runsAbove),
      has: command => commands.hasCommand(command),
      execute: (command, args) => void commands.execute(command, args)
    };
  }

  /** Ask whether to change to what has been built, or do it, as the settings say. */
  private offer(model: SwitchModel, environment: Environment, notebook: string): void {
    const { trans } = this;
    const accept = (): void => void model.accept().catch(error => this.report(error));
    if (this.settings?.composite.switchWhenReady === 'always') {
      accept();
      return;
    }
    const id = Notification.success(trans.__('%1 is ready for %2.', environment.title, notebook), {
      autoClose: false,
      actions: [{ label: trans.__('Switch'), displayType: 'accent', callback: accept }]
    });
    const onChanged = (): void => {
      if (!model.isWantedBuilt) {
        model.changed.disconnect(onChanged);
        Notification.dismiss(id);
      }
    };
    model.changed.connect(onChanged);
  }

  private report(error: unknown): void {
    const { trans } = this;
    if (error instanceof NotOffered) {
      const reason = error.reason || trans.__('this server offers no kernel for it');
      Notification.warning(trans.__('%1 cannot be chosen: %2.', error.title, reason));
    } else {
      const { message, remedy } = problemOf(error);
      Notification.error([message, remedy].filter(Boolean).join(' '), { autoClose: false });
    }
  }

  private readonly models = new WeakMap<ISessionContext, SwitchModel>();
  private readonly items = new WeakMap<NotebookPanel, SwitchItem>();
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:switch',
  description: 'The environment of a notebook, in its toolbar.',
  autoStart: true,
  requires: [IEnvironments, ISelection, INotebookTracker, IToolbarWidgetRegistry],
  optional: [ISettingRegistry, ISessionContextDialogs, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    environments: IEnvironments,
    selection: ISelection,
    tracker: INotebookTracker,
    toolbars: IToolbarWidgetRegistry,
    registry: ISettingRegistry | null,
    dialogs: ISessionContextDialogs | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const switches = new Switches(app, environments, dialogs, trans);
    void registry?.load(SETTINGS).then(settings => {
      switches.settings = settings;
    });
    toolbars.addFactory<NotebookPanel>('Notebook', ITEM, panel => switches.item(panel));
    const { commands } = app;
    const notebook = (): NotebookPanel | null => tracker.currentWidget;
    commands.addCommand(CommandIDs.chooseEnvironment, {
      label: trans.__('Choose the Environment of the Notebook…'),
      isEnabled: () => notebook() !== null,
      execute: () => {
        const panel = notebook();
        return panel && switches.open(panel);
      }
    });
    commands.addCommand(CommandIDs.switchTo, {
      label: args => {
        const title = selection.environmentOf(args)?.title;
        const label = trans.__('Switch the Notebook to It');
        return args.isContextMenu || title === undefined ? label : trans.__('%1: %2', title, label);
      },
      caption: trans.__('Give the notebook in front a kernel of this environment'),
      icon: args => (args.isPalette ? undefined : kernelIcon),
      isEnabled: args => notebook() !== null && selection.environmentOf(args) !== undefined,
      execute: args => {
        const panel = notebook();
        const environment = selection.environmentOf(args);
        return panel && environment && switches.choose(panel, environment);
      }
    });
    const follow = (): void => commands.notifyCommandChanged(CommandIDs.switchTo);
    selection.changed.connect(follow);
    tracker.currentChanged.connect(() => {
      follow();
      commands.notifyCommandChanged(CommandIDs.chooseEnvironment);
    });
    [CommandIDs.chooseEnvironment, CommandIDs.switchTo].forEach(command =>
      palette?.addItem({ command, category: trans.__('Environments') })
    );
  }
};

export default plugin;
