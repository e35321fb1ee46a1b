import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandToolbarButton, ReactWidget, Toolbar } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { EnvironmentList } from './list';
import { EnvironmentsView } from './view';
import { serverPath } from '../paths';
import { SOURCE } from '../sources';
import { CommandIDs, IEnvironments, ISelection, ISidebar, Rank } from '../tokens';
import { DOMAIN } from '../words';

/** Where the folded workspaces are remembered. */
const FOLDED = 'appose-kernel:folded';

/** The section; it is not drawn while nobody sees it. */
class Environments extends ReactWidget implements Toolbar.IWidgetToolbar {
  constructor(
    private readonly list: EnvironmentList,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-appose-environments');
    this.title.label = trans.__('Environments');
    for (const [id, name] of [
      [CommandIDs.newEnvironment, 'new'],
      [CommandIDs.refresh, 'refresh']
    ]) {
      this.toolbar.addItem(name, new CommandToolbarButton({ commands, id, label: '' }));
    }
    list.changed.connect(this.onChanged, this);
  }

  readonly toolbar = new Toolbar();

  protected render(): JSX.Element {
    return <EnvironmentsView list={this.list} commands={this.commands} trans={this.trans} />;
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  private onChanged(): void {
    if (this.isVisible) {
      this.update();
    }
  }
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:environments',
  description: 'The section “Environments” of the panel of that name.',
  autoStart: true,
  requires: [IEnvironments, ISelection, ISidebar],
  optional: [ITranslator, IDefaultFileBrowser, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    model: IEnvironments,
    selection: ISelection,
    sidebar: ISidebar,
    translator: ITranslator | null,
    browser: IDefaultFileBrowser | null,
    state: IStateDB | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const list = new EnvironmentList(model, selection, trans);
    sidebar.addSection(new Environments(list, app.commands, trans), Rank.environments);
    if (browser) {
      const { contents } = app.serviceManager;
      const follow = () => {
        list.folder = serverPath(contents, browser.model.path) ?? '';
        const paths = [...browser.model.items()].map(item => serverPath(contents, item.path) ?? '');
        list.source = paths.find(path => SOURCE.test(path)) ?? null;
      };
      browser.model.pathChanged.connect(follow);
      browser.model.refreshed.connect(follow);
      follow();
    }
    if (state) {
      void app.restored.then(() => remember(list, state));
    }
  }
};

/** Workspaces stay folded when the page is loaded again. */
async function remember(list: EnvironmentList, state: IStateDB): Promise<void> {
  list.folded = ((await state.fetch(FOLDED)) as string[] | undefined) ?? [];
  list.foldedChanged.connect(() => void state.save(FOLDED, [...list.folded]));
}

export default plugin;
