import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import { cards } from './cards';
import type { ICard } from './cards';
import { brokenIcon, cardIcon } from './icons';
import { environmentOfKernelspec } from '../kernelspecs';
import { ALL, isClose, isShown, showingOf } from '../showing';
import type { IShowing } from '../showing';
import { IEnvironments, SETTINGS } from '../tokens';
import type { Workspace } from '../wire';
import { DOMAIN } from '../words';

/** What a card does; its arguments are the card, and the launcher's folder. */
const COMMAND = 'appose-kernel:launch';
const NEW_NOTEBOOK = 'notebook:create-new';

/** Keeps the launcher's cards what the environments are. */
class Cards {
  constructor(
    private readonly launcher: ILauncher.IModel,
    private readonly model: IEnvironments,
    private readonly folder: () => string,
    private readonly trans: TranslationBundle
  ) {
    this.replaceOthers();
    model.changed.connect(this.update, this);
  }

  showing: IShowing = ALL;

  /** Change only those that changed: a card that has the focus keeps it. */
  update(): void {
    const { model, showing, trans } = this;
    const wanted = new Map(
      cards(model, this.folder(), showing, trans).map(card => [JSON.stringify(card), card])
    );
    for (const [key, added] of this.shown) {
      if (!wanted.has(key)) {
        added.dispose();
        this.shown.delete(key);
      }
    }
    for (const [key, card] of wanted) {
      if (!this.shown.has(key)) {
        this.shown.set(key, this.add(card));
      }
    }
  }

  private add(card: ICard): IDisposable {
    const { category, categoryRank, rank } = card;
    const args = card as unknown as ReadonlyJSONObject;
    return this.launcher.add({ command: COMMAND, args, category, categoryRank, rank });
  }

  /**
   * Leave out the cards of others for what has a card of ours, or should have none.
   *
   * JupyterLab adds one for each kernelspec to its categories, perhaps before this runs, and no kernelspec
   * can say that it wants none: what is left is to leave them out of what the launcher draws.
   * https://github.com/jupyterlab/jupyterlab/blob/v4.6.0/packages/notebook-extension/src/index.ts
   */
  private replaceOthers(): void {
    const { launcher } = this;
    const items = launcher.items.bind(launcher);
    launcher.items = () => [...items()].filter(item => !this.isReplaced(item))[Symbol.iterator]();
  }

  private isReplaced(item: ILauncher.IItemOptions): boolean {
    const { model } = this;
    const kernel = item.metadata?.kernel as { appose?: { manifest?: unknown } } | undefined;
    if (typeof kernel?.appose?.manifest !== 'string') {
      return false;
    }
    const environment = environmentOfKernelspec(model.environments, kernelspecOf(item.args));
    if (!environment) {
      return !model.isReady && !model.unreachable; // cards should not come and go
    }
    const workspace = model.workspaceOf(environment);
    return item.command === NEW_NOTEBOOK || !workspace || !this.hasConsole(workspace);
  }

  /** All consoles are in one category: of a hundred workspaces, only those that matter here. */
  private hasConsole(workspace: Workspace): boolean {
    const { model, showing } = this;
    const folder = this.folder();
    return isShown(workspace, folder, showing) && isClose(workspace, model.workspaces, folder, showing);
  }

  private readonly shown = new Map<string, IDisposable>();
}

/** The kernelspec that a card of JupyterLab's is about: of a notebook, or of a console. */
function kernelspecOf(args: ReadonlyJSONObject = {}): string {
  const preference = args.kernelPreference as { name?: string } | undefined;
  return String(args.kernelName ?? preference?.name ?? '');
}

function addCommand(app: JupyterFrontEnd): void {
  const { commands } = app;
  const cardOf = (args: unknown): ICard => args as ICard;
  commands.addCommand(COMMAND, {
    label: args => cardOf(args).label,
    caption: args => cardOf(args).caption,
    icon: args => {
      const { format, state, gpu, kernelspec } = cardOf(args);
      return kernelspec === null ? brokenIcon : cardIcon(format, state, gpu);
    },
    execute: ({ cwd, ...args }) => {
      const { kernelspec, manifest } = cardOf(args);
      return kernelspec === null
        ? commands.execute('docmanager:open', { path: manifest })
        : commands.execute(NEW_NOTEBOOK, { cwd, kernelName: kernelspec });
    }
  });
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:launcher',
  description: 'The environments in the launcher, by workspace.',
  autoStart: true,
  requires: [IEnvironments],
  optional: [ILauncher, IDefaultFileBrowser, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IEnvironments,
    launcher: ILauncher | null,
    browser: IDefaultFileBrowser | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    if (!launcher || !('items' in launcher)) {
      return; // Notebook 7 has none; another than JupyterLab's keeps the cards that it knows
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { contents } = app.serviceManager;
    const folder = (): string => contents.localPath(browser?.model.path ?? '');
    addCommand(app);
    const shown = new Cards(launcher as ILauncher.IModel, model, folder, trans);
    browser?.model.pathChanged.connect(() => shown.update());
    void registry?.load(SETTINGS).then(settings => {
      const follow = (): void => {
        shown.showing = showingOf(settings);
        shown.update();
      };
      settings.changed.connect(follow);
      follow();
    });
  }
};

export default plugin;
