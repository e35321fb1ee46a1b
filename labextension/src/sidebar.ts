import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { AccordionPanel, Widget } from '@lumino/widgets';

import { environmentsIcon } from './icons';
import { CommandIDs, ISidebar, Rank } from './tokens';
import { DOMAIN } from './words';

const ID = 'appose-kernel-sidebar';

/** Our panel on the left; its sections come from the other plugins, each with its rank. */
class Sidebar extends SidePanel implements ISidebar {
  addSection(section: Widget, rank: number): void {
    this.ranks.set(section, rank);
    const before = this.widgets.filter(other => (this.ranks.get(other) ?? 0) <= rank);
    this.insertWidget(before.length, section);
  }

  expand(section: Widget): void {
    (this.content as AccordionPanel).expand(this.widgets.indexOf(section));
  }

  /** Unfold the section with a rank. */
  expandAt(rank: number): void {
    this.widgets.filter(section => this.ranks.get(section) === rank).forEach(section => this.expand(section));
  }

  private readonly ranks = new Map<Widget, number>();
}

const plugin: JupyterFrontEndPlugin<ISidebar> = {
  id: 'appose-kernel:sidebar',
  description: 'The panel “Environments” on the left.',
  autoStart: true,
  provides: ISidebar,
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ): ISidebar => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const sidebar = new Sidebar({ translator: translator ?? undefined });
    sidebar.id = ID;
    sidebar.title.icon = environmentsIcon;
    sidebar.title.caption = trans.__('Environments');
    sidebar.node.setAttribute('role', 'region');
    sidebar.node.setAttribute('aria-label', trans.__('Environments'));
    app.shell.add(sidebar, 'left', { rank: 300, type: 'Environments' });
    restorer?.add(sidebar, ID);
    app.commands.addCommand(CommandIDs.open, {
      label: trans.__('Show Environments'),
      icon: args => (args.isPalette ? undefined : environmentsIcon),
      execute: args => {
        app.shell.activateById(ID);
        if (typeof args.section === 'string' && args.section in Rank) {
          sidebar.expandAt(Rank[args.section as keyof typeof Rank]);
        }
      }
    });
    return sidebar;
  }
};

export default plugin;
