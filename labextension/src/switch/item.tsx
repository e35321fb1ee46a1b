import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, ReactWidget, UseSignal, caretDownIcon, closeIcon } from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { StateMark, Tag } from '../components';
import type { SwitchMenu } from './menu';
import type { SwitchModel } from './model';
import type { Environment } from '../wire';
import { stateText } from '../words';

/** The switch in a notebook's toolbar; its button opens the menu. */
export class SwitchItem extends ReactWidget {
  constructor(
    private readonly model: SwitchModel,
    private readonly menu: SwitchMenu,
    private readonly trans: TranslationBundle,
    private readonly report: (error: unknown) => void
  ) {
    super();
    this.addClass('jp-appose-switch');
    model.changed.connect(this.follow, this);
    this.follow();
  }

  /** Open the menu below the switch, or where the switch would be if the toolbar has no room for it. */
  open(): void {
    const button = this.node.querySelector('.jp-appose-switch-button');
    const place = button?.checkVisibility() ? button : this.parent?.node;
    if (place) {
      this.menu.openBelow(place.getBoundingClientRect());
    }
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this.model.changed}>
        {() =>
          this.model.isKnown ? (
            <>
              {this.renderWanted()}
              {this.renderButton()}
            </>
          ) : null
        }
      </UseSignal>
    );
  }

  /**
   * Have the toolbar share out its room again when this, or the kernel's name beside it, comes or goes.
   *
   * It measures an item once, unless it had no width yet: so what is shown first has to be what stays.
   * https://github.com/jupyterlab/jupyterlab/blob/v4.6.0/packages/ui-components/src/components/toolbar.tsx
   */
  private follow(): void {
    const { isKnown, current } = this.model;
    const shows = !isKnown ? 'nothing' : current ? 'environment' : 'none';
    if (shows !== this.shows) {
      this.shows = shows;
      this.toggleClass('jp-mod-none', shows === 'none');
      requestAnimationFrame(() => this.parent && fit(this.parent));
    }
  }

  private renderButton(): JSX.Element {
    const { model, trans } = this;
    const { current } = model;
    const label = current
      ? trans.__('Environment: %1, %2', current.title, stateText(current, trans))
      : trans.__('No environment');
    return (
      <Button
        minimal
        className="jp-appose-switch-button"
        aria-haspopup="menu"
        aria-busy={model.isSwitching}
        aria-label={label}
        title={trans.__('Choose the environment of this notebook')}
        onMouseDown={keepFocus}
        onClick={() => this.open()}
        onKeyDown={event => this.onKeyDown(event)}
      >
        {current ? (
          <CurrentEnvironment environment={current} model={model} trans={trans} />
        ) : (
          <span className="jp-appose-switch-none">{label}</span>
        )}
        <caretDownIcon.react tag="span" className="jp-appose-switch-caret" />
      </Button>
    );
  }

  private renderWanted(): JSX.Element | null {
    const { model, trans } = this;
    const { wanted } = model;
    if (!wanted) {
      return null;
    }
    return (
      <span className="jp-appose-switch-wanted" role="group" aria-label={trans.__('Next environment')}>
        {model.isWantedBuilt ? (
          <Button
            minimal
            className="jp-appose-switch-accept"
            onMouseDown={keepFocus}
            onClick={() => void model.accept().catch(this.report)}
          >
            {trans.__('Switch to %1', wanted.name)}
          </Button>
        ) : (
          <span className="jp-appose-switch-building" title={wanted.reason}>
            <StateMark environment={wanted} trans={trans} />
            {trans.__('%1 %2 %', wanted.name, Math.round(wanted.fraction * 100))}
          </span>
        )}
        <Button
          minimal
          className="jp-appose-switch-cancel"
          aria-label={trans.__('Stay in the present environment')}
          title={trans.__('Stay in the present environment')}
          onMouseDown={keepFocus}
          onClick={() => void model.giveUp().catch(this.report)}
        >
          <closeIcon.react tag="span" />
        </Button>
      </span>
    );
  }

  private onKeyDown(event: React.KeyboardEvent): void {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      event.stopPropagation();
      this.open();
    }
  }

  private shows = '';
}

function fit(toolbar: Widget): void {
  const { offsetWidth, offsetHeight } = toolbar.node;
  MessageLoop.postMessage(toolbar, new Widget.ResizeMessage(offsetWidth, offsetHeight));
}

function CurrentEnvironment(props: {
  environment: Environment;
  model: SwitchModel;
  trans: TranslationBundle;
}): JSX.Element {
  const { environment, model, trans } = props;
  const workspace = model.workspaceOf(environment)?.name;
  return (
    <>
      <StateMark environment={environment} trans={trans} />
      {workspace && <span className="jp-appose-switch-workspace">{workspace} ·</span>}
      <strong className="jp-appose-switch-name">{environment.name}</strong>
      {environment.gpu && <Tag kind="gpu">GPU</Tag>}
    </>
  );
}

/** As the toolbar's own buttons do: a click does not take the focus from the notebook. */
function keepFocus(event: React.MouseEvent): void {
  event.preventDefault();
}
