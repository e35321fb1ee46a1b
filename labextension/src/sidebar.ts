import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { AccordionPanel, Widget } from '@lumino/widgets';

import { environmentsIcon } from './icons';
import { CommandIDs, ISidebar, Rank } from './tokens';
import { DOMAIN } from './words';

const ID = 'appose-kernel-sidebar';

/** How the height is shared among the sections that are unfolded, before somebody moves their borders. */
const SHARES: Record<number, number> = { [Rank.environments]: 5, [Rank.features]: 4, [Rank.builds]: 2 };

/**
 * Our panel on the left; its sections come from the other plugins, each with its rank.
 *
 * At first only the uppermost is unfolded. Which are, and how high, JupyterLab's shell remembers with its layout.
 */
class Sidebar extends SidePanel implements ISidebar {
  constructor(options: SidePanel.IOptions) {
    super(options);
    this.accordion.expansionToggled.connect(this.onToggled, this);
  }

  addSection(section: Widget, rank: number): void {
    this.ranks.set(section, rank);
    section.setHidden(rank !== Rank.environments);
    const before = this.widgets.filter(other => (this.ranks.get(other) ?? 0) <= rank);
    this.insertWidget(before.length, section);
  }

  expand(section: Widget): void {
    this.accordion.expand(this.widgets.indexOf(section));
  }

  /** Share the height anew. The shell does so too early for sections that it has just unfolded itself. */
  share(sizes: number[]): void {
    this.accordion.setRelativeSizes(sizes);
  }

  /** Unfold the section with a rank. */
  expandAt(rank: number): void {
    this.widgets.filter(section => this.ranks.get(section) === rank).forEach(section => this.expand(section));
  }

  private get accordion(): AccordionPanel {
    return this.content as AccordionPanel;
  }

  /** A section that had no height yet would be a line. */
  private onToggled(_: AccordionPanel, index: number): void {
    const section = this.widgets[index];
    if (section.isHidden || this.sized.has(section)) {
      return;
    }
    this.sized.add(section);
    const shares = this.widgets.map(found =>
      found.isHidden ? 0 : (SHARES[this.ranks.get(found) ?? 0] ?? 1)
    );
    this.share(shares);
  }

  private readonly ranks = new Map<Widget, number>();
  private readonly sized = new Set<Widget>();
}

const plugin: JupyterFrontEndPlugin<ISidebar> = {
  id: 'appose-kernel:sidebar',
  description: 'The panel “Environments” on the left.',
  autoStart: true,
  provides: ISidebar,
  optional: [ITranslator, ILayoutRestorer, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    shell: ILabShell | null
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
    void shell?.restored.then(({ leftArea, rightArea }) => {
      const sizes = (leftArea?.widgetStates[ID] ?? rightArea?.widgetStates[ID])?.sizes;
      if (sizes) {
        sidebar.share(sizes);
      }
    });
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
