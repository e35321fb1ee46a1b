import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, PanelWithToolbar, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { arrange, nextRow, SHOWN, superseded } from './list';
import { BuildRow } from './row';
import { useNow } from '../clock';
import { IEnvironments, ISidebar, Rank } from '../tokens';
import { DOMAIN } from '../words';

/** Seconds between looks at the clock for how long ago builds ended. */
const AGE = 30;

/** The builds that run, and those that ended lately. */
class BuildsView extends ReactWidget {
  constructor(
    private readonly environments: IEnvironments,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-appose-builds');
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this.environments.changed}>
        {() => (
          <BuildList
            environments={this.environments}
            commands={this.commands}
            visible={this.isVisible}
            trans={this.trans}
          />
        )}
      </UseSignal>
    );
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.update();
  }
}

function BuildList(props: {
  environments: IEnvironments;
  commands: CommandRegistry;
  visible: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { environments, trans } = props;
  const [all, setAll] = React.useState(false);
  const [chosen, setChosen] = React.useState<string | null>(null);
  useNow(props.visible, AGE); // “2m ago” gets older by itself
  const { running, ended } = arrange(environments.builds);
  const shown = [...running, ...(all ? ended : ended.slice(0, SHOWN))];
  const old = superseded(environments.builds);
  const rows = shown.map(build => build.id);
  const current = chosen !== null && rows.includes(chosen) ? chosen : (rows[0] ?? null);

  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    const next = nextRow(rows, current, event.key);
    if (next !== null) {
      event.preventDefault();
      event.currentTarget.querySelector<HTMLElement>(`[data-build="${next}"]`)?.focus();
    }
  };
  const onFocus = (event: React.FocusEvent<HTMLElement>): void =>
    setChosen(event.target.closest<HTMLElement>('[data-build]')?.dataset.build ?? null);

  if (!rows.length) {
    return (
      <div className="jp-appose-builds-none">
        {environments.isReady &&
          trans.__('No builds yet. They appear here while an environment is made ready.')}
      </div>
    );
  }
  return (
    <>
      <ul aria-label={trans.__('Builds')} onKeyDown={onKeyDown} onFocus={onFocus}>
        {shown.map(build => (
          <BuildRow
            key={build.id}
            build={build}
            visible={props.visible}
            current={build.id === current}
            superseded={old.has(build.id)}
            retriable={
              environments.environment({ manifest: build.manifest, name: build.environment }) !== undefined
            }
            commands={props.commands}
            trans={trans}
          />
        ))}
      </ul>
      {!all && ended.length > SHOWN && (
        <Button minimal small className="jp-appose-builds-more" onClick={() => setAll(true)}>
          {trans.__('Show %1 earlier', ended.length - SHOWN)}
        </Button>
      )}
    </>
  );
}

/** `1 running`, in the section's header. */
function Count(props: { environments: IEnvironments; trans: TranslationBundle }): JSX.Element {
  const { environments, trans } = props;
  return (
    <UseSignal signal={environments.changed}>
      {() => {
        const count = arrange(environments.builds).running.length;
        return <span className="jp-appose-count">{count ? trans.__('%1 running', count) : ''}</span>;
      }}
    </UseSignal>
  );
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:builds',
  description: 'The section “Builds” of the panel “Environments”.',
  autoStart: true,
  requires: [IEnvironments, ISidebar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    environments: IEnvironments,
    sidebar: ISidebar,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const section = new PanelWithToolbar();
    section.addClass('jp-appose-section');
    section.title.label = trans.__('Builds');
    section.toolbar.addItem('count', ReactWidget.create(<Count environments={environments} trans={trans} />));
    section.addWidget(new BuildsView(environments, app.commands, trans));
    sidebar.addSection(section, Rank.builds);
  }
};

export default plugin;
