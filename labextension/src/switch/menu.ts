import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { h } from '@lumino/virtualdom';
import type { ElementARIAAttrs, VirtualElement } from '@lumino/virtualdom';
import type { Menu } from '@lumino/widgets';
import type { Message } from '@lumino/messaging';

import type { IChoices } from './choices';
import type { SwitchModel } from './model';
import { CommandIDs } from '../tokens';
import type { IEnvironmentKey } from '../tokens';
import type { Environment } from '../wire';
import { choiceText } from '../words';

/** Environments of other workspaces that stand in the menu itself; more are in a submenu for each workspace. */
const INLINE = 6;

/** JupyterLab's own dialog, whose button in the toolbar makes room for the switch. */
const CHANGE_KERNEL = 'notebook:change-kernel';

const ROLES: Readonly<Record<string, string>> = {
  environment: 'menuitemradio',
  'run-above': 'menuitemcheckbox'
};

/** What the items of the menu do beyond the model. */
export interface ISwitchActions {
  choose(environment: IEnvironmentKey): void;
  runsAbove(): boolean;
  toggleRunAbove(): void;
  /** Whether there is such a command of the application, and to execute it. */
  has(command: string): boolean;
  execute(command: string, args: ReadonlyJSONObject): void;
}

/** The menu of a switch: environments, the notebook's workspace first, and what to do about them. */
export class SwitchMenu extends MenuSvg {
  constructor(
    private readonly model: SwitchModel,
    private readonly actions: ISwitchActions,
    private readonly trans: TranslationBundle
  ) {
    super({ commands: new CommandRegistry(), renderer: new Renderer(model, trans) });
    this.addClass('jp-appose-switch-menu');
    this.addCommands();
    model.changed.connect(this.onChanged, this);
  }

  /** Open right below `place`, in line with its right edge; the focus goes back to where it was. */
  openBelow(place: DOMRect): void {
    this.fill();
    this.before = document.activeElement;
    this.open(place.right, place.bottom, { horizontalAlignment: 'right' });
    this.activateNextItem();
  }

  protected onAfterDetach(msg: Message): void {
    super.onAfterDetach(msg);
    if (this.before instanceof HTMLElement) {
      this.before.focus();
    }
    this.before = null;
  }

  private onChanged(): void {
    if (this.isAttached) {
      this.update();
    }
  }

  private fill(): void {
    this.clearItems();
    const { choices, workspace } = this.model;
    const first = choices.filter(choice => choice.workspace.manifest === workspace?.manifest);
    const others = choices.filter(choice => !first.includes(choice));
    first.forEach(choice => this.addChoice(choice));
    const count = others.reduce((sum, choice) => sum + choice.environments.length, 0);
    if (count <= INLINE) {
      others.forEach(choice => this.addChoice(choice));
    } else {
      this.addItem({ type: 'separator' });
      others.forEach(choice => this.addSubmenu(choice));
    }
    this.addItem({ type: 'separator' });
    ['run-above', 'edit', 'log', 'new', 'other'].forEach(command => this.addItem({ command }));
  }

  private addChoice(choice: IChoices): void {
    this.addItem({ type: 'separator' });
    this.addItem({ command: 'workspace', args: { name: choice.workspace.name } });
    addEnvironments(this, choice);
  }

  private addSubmenu(choice: IChoices): void {
    const { commands, renderer } = this;
    const submenu = new MenuSvg({ commands, renderer });
    submenu.addClass('jp-appose-switch-menu');
    submenu.title.label = choice.workspace.name;
    addEnvironments(submenu, choice);
    this.addItem({ type: 'submenu', submenu });
  }

  private addCommands(): void {
    const { actions, commands, model, trans } = this;
    const workspace = (): string => model.workspace?.manifest ?? '';
    const failed = (): Environment | undefined =>
      [model.wanted, model.current].find(found => found?.state === 'failed');
    commands.addCommand('workspace', {
      label: args => String(args.name),
      isEnabled: () => false,
      className: 'jp-appose-switch-heading',
      execute: () => undefined
    });
    commands.addCommand('environment', {
      label: args => String(args.name),
      isToggled: args => model.isCurrent(keyOf(args)),
      execute: args => actions.choose(keyOf(args))
    });
    commands.addCommand('run-above', {
      label: trans.__('Run the cells above again'),
      isToggled: () => actions.runsAbove(),
      execute: () => actions.toggleRunAbove()
    });
    commands.addCommand('edit', {
      label: trans.__('Edit features…'),
      isVisible: () => workspace() !== '' && actions.has(CommandIDs.editFeatures),
      execute: () => actions.execute(CommandIDs.editFeatures, { workspace: workspace() })
    });
    commands.addCommand('log', {
      label: () => trans.__('Show log of %1', failed()?.name ?? ''),
      isVisible: () => failed() !== undefined && actions.has(CommandIDs.showLog),
      execute: () => {
        const { manifest, name } = failed()!;
        actions.execute(CommandIDs.showLog, { manifest, environment: name });
      }
    });
    commands.addCommand('new', {
      label: trans.__('New environment…'),
      isVisible: () => actions.has(CommandIDs.newEnvironment),
      execute: () => actions.execute(CommandIDs.newEnvironment, {})
    });
    commands.addCommand('other', {
      label: trans.__('Other kernel…'),
      isVisible: () => actions.has(CHANGE_KERNEL),
      execute: () => actions.execute(CHANGE_KERNEL, {})
    });
  }

  private before: Element | null = null;
}

function addEnvironments(menu: Menu, choice: IChoices): void {
  choice.environments.forEach(({ manifest, name }) =>
    menu.addItem({ command: 'environment', args: { manifest, name } })
  );
}

function keyOf(args: ReadonlyPartialJSONObject): IEnvironmentKey {
  return { manifest: String(args.manifest), name: String(args.name) };
}

/** Shows an environment's mark as the icon, and its state where other items have their shortcut. */
class Renderer extends MenuSvg.Renderer {
  constructor(
    private readonly model: SwitchModel,
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  renderIcon(data: Menu.IRenderData): VirtualElement {
    const environment = this.environment(data);
    if (!environment) {
      return super.renderIcon(data);
    }
    const kind = environment.state.replace(' ', '-');
    return h.div({ className: 'lm-Menu-itemIcon' }, h.div({ className: `jp-appose-mark jp-mod-${kind}` }));
  }

  renderShortcut(data: Menu.IRenderData): VirtualElement {
    const environment = this.environment(data);
    if (!environment) {
      return super.renderShortcut(data);
    }
    const text = choiceText(environment, this.model.isAtOnce(environment), this.trans);
    const gpu = environment.gpu ? h.span({ className: 'jp-appose-tag jp-mod-gpu' }, 'GPU') : null;
    return h.div({ className: 'lm-Menu-itemShortcut' }, gpu, h.span(text));
  }

  /** Environments are of which a notebook has one; what can be on or off says so also while it is off. */
  createItemARIA(data: Menu.IRenderData): ElementARIAAttrs {
    const { command, isToggled } = data.item;
    const role = ROLES[command];
    const aria = super.createItemARIA(data);
    return role ? { ...aria, role, 'aria-checked': `${isToggled}` } : aria;
  }

  private environment(data: Menu.IRenderData): Environment | undefined {
    return data.item.command === 'environment' ? this.model.find(keyOf(data.item.args)) : undefined;
  }
}
