import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  addToolbarButtonClass,
  copyIcon,
  historyIcon,
  ReactWidget,
  refreshIcon,
  searchIcon,
  stopIcon,
  Toolbar,
  ToolbarButtonComponent,
  UseSignal
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { doingText, durationText, measured, phaseText, sizesText } from '../builds/words';
import { useNow } from '../clock';
import { ProgressBar } from '../components';
import { textOf } from './lines';
import type { LogState } from './state';
import { retry } from '../commands/retrying';
import { CommandIDs } from '../tokens';

/** JupyterLab's own search, where the application has it. */
const FIND = 'documentsearch:start';

/** Fill the toolbar of a log's viewer: what the build does, and what can be done with it and its log. */
export function fillToolbar(
  toolbar: Toolbar,
  state: LogState,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  const button = (props: () => ToolbarButtonComponent.IProps | null): ReactWidget =>
    addToolbarButtonClass(
      ReactWidget.create(
        <UseSignal signal={state.changed}>
          {() => {
            const shown = props();
            return shown && <ToolbarButtonComponent {...shown} />;
          }}
        </UseSignal>
      )
    );
  const { reader } = state;
  const status = ReactWidget.create(
    <UseSignal signal={state.changed}>{() => <Status state={state} trans={trans} />}</UseSignal>
  );
  toolbar.addItem('status', status);
  toolbar.addItem('spacer', Toolbar.createSpacerItem());
  toolbar.addItem(
    'stop',
    button(() => stopOrRetry(state, commands, trans))
  );
  toolbar.addItem(
    'follow',
    button(() =>
      reader.ended
        ? null
        : {
            label: trans.__('Follow'),
            tooltip: trans.__('Keep the newest line in view'),
            pressed: state.follow,
            onClick: () => (state.follow = !state.follow)
          }
    )
  );
  toolbar.addItem(
    'times',
    button(() => ({
      icon: historyIcon,
      tooltip: trans.__('Show when each line was written'),
      pressed: state.times,
      onClick: () => (state.times = !state.times)
    }))
  );
  if (commands.hasCommand(FIND)) {
    toolbar.addItem(
      'find',
      button(() => ({
        icon: searchIcon,
        tooltip: trans.__('Find…'),
        onClick: () => void commands.execute(FIND)
      }))
    );
  }
  toolbar.addItem(
    'copy',
    button(() => ({
      icon: copyIcon,
      tooltip: trans.__('Copy the whole log'),
      onClick: () => Clipboard.copyToSystem(textOf(reader.log.lines))
    }))
  );
}

function stopOrRetry(
  { reader }: LogState,
  commands: CommandRegistry,
  trans: TranslationBundle
): ToolbarButtonComponent.IProps | null {
  const { build, last } = reader;
  if (!build || !last || last.phase === 'ready') {
    return null;
  }
  return reader.ended
    ? {
        icon: refreshIcon,
        label: trans.__('Retry'),
        tooltip: trans.__('Build it again'),
        onClick: () => void retry(build, commands)
      }
    : {
        icon: stopIcon,
        label: trans.__('Cancel'),
        tooltip: trans.__('Stop the build, for everybody who waits for it'),
        onClick: () => void commands.execute(CommandIDs.cancel, { build: build.id })
      };
}

/** What the build does, or how it ended. */
function Status(props: { state: LogState; trans: TranslationBundle }): JSX.Element | null {
  const { trans } = props;
  const { build, last, ended } = props.state.reader;
  const now = useNow(!ended && props.state.reader.visible);
  if (!build || !last) {
    return null;
  }
  const text = ended ? phaseText(last.phase, trans) : doingText(last, trans);
  const clock = durationText(ended ? { ...build, ended, last } : build, now);
  const parts = [text, ended ? '' : sizesText(last, trans), clock];
  return (
    <div className={`jp-appose-log-status jp-mod-${last.phase}`}>
      {!ended && <ProgressBar fraction={measured(last)} label={trans.__('Progress of %1', build.title)} />}
      <span>{parts.filter(part => part).join(' · ')}</span>
    </div>
  );
}
