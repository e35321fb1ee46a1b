import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { GroupItem, IStatusBar, TextItem } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs, IEnvironments } from './tokens';
import type { Build } from './wire';
import { DOMAIN } from './words';

/** How far the running builds are; a click shows them. */
function Builds(props: {
  model: IEnvironments;
  show: () => void;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { model, show, trans } = props;
  const running = runningBuilds(model);
  if (!running.length) {
    return null;
  }
  const fraction = Math.min(...running.map(build => build.last?.fraction ?? 0));
  const percent = Math.round(fraction * 100);
  const text =
    running.length === 1
      ? trans.__('%1 %2 %', running[0].title, percent)
      : trans._n('%1 build', '%1 builds', running.length);
  return (
    <GroupItem
      className="jp-mod-highlighted jp-appose-status"
      spacing={3}
      role="button"
      tabIndex={0}
      title={running.map(build => describe(build, trans)).join('\n')}
      onClick={show}
      onKeyDown={(event: React.KeyboardEvent) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          show();
        }
      }}
    >
      <span className="jp-appose-pie" style={{ '--jp-appose-done': `${percent}%` } as React.CSSProperties} />
      <TextItem source={text} />
    </GroupItem>
  );
}

function runningBuilds(model: IEnvironments): readonly Build[] {
  return model.builds.filter(build => !build.ended);
}

function describe(build: Build, trans: TranslationBundle): string {
  return trans.__('Building %1: %2 %', build.title, Math.round((build.last?.fraction ?? 0) * 100));
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:statusbar',
  description: 'The running builds, in the status bar.',
  autoStart: true,
  requires: [IEnvironments],
  // Notebook 7 has none
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IEnvironments,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const show = () => void app.commands.execute(CommandIDs.open, { section: 'builds' });
    statusBar?.registerStatusItem('appose-kernel:builds', {
      item: ReactWidget.create(
        <UseSignal signal={model.changed}>
          {() => <Builds model={model} show={show} trans={trans} />}
        </UseSignal>
      ),
      align: 'left',
      rank: 10,
      isActive: () => runningBuilds(model).length > 0,
      activeStateChanged: model.changed
    });
  }
};

export default plugin;
