import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, closeIcon, listIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { agoText, doingText, durationText, measured, phaseText, sizesText } from './words';
import { useNow } from '../clock';
import { ProgressBar } from '../components';
import { retry } from '../commands/retrying';
import { CommandIDs } from '../tokens';
import type { Build } from '../wire';

interface IProps {
  build: Build;
  /** Whether its clock runs. */
  visible: boolean;
  /** Whether the keyboard is, or comes, here. */
  current: boolean;
  /** Whether its environment was built since. */
  superseded: boolean;
  /** Whether it can be built again: its environment is still there. */
  retriable: boolean;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** One build: what it does or how it ended, and what can be done about it. */
export function BuildRow(props: IProps): JSX.Element {
  const { build, current, superseded, retriable, commands, trans } = props;
  const last = build.last;
  const phase = last?.phase ?? 'queued';
  const showLog = (): void => void commands.execute(CommandIDs.showLog, { build: build.id });
  const cancel = (): void => void commands.execute(CommandIDs.cancel, { build: build.id });
  const action = (icon: LabIcon, label: string, run: () => void): JSX.Element => (
    <Action
      icon={icon}
      label={trans.__('%1: %2', build.title, label)}
      title={label}
      current={current}
      run={run}
    />
  );
  const canRetry = build.ended && phase !== 'ready' && retriable && !superseded;
  return (
    <li
      className={`jp-appose-build jp-mod-${phase}${build.ended ? '' : ' jp-mod-running'}${superseded ? ' jp-mod-superseded' : ''}`}
      data-build={build.id}
      tabIndex={current ? 0 : -1}
      onDoubleClick={showLog}
      onKeyDown={event => {
        if (event.target === event.currentTarget && event.key === 'Enter') {
          showLog();
        }
      }}
    >
      <div className="jp-appose-build-head">
        <span className="jp-appose-build-mark" aria-hidden={true} />
        <span className="jp-appose-build-title" title={build.title}>
          {build.title}
        </span>
        {build.ended ? <Ended {...props} /> : <Clock {...props} />}
        <span className="jp-appose-build-actions">
          {canRetry && action(refreshIcon, trans.__('Retry'), () => void retry(build, commands))}
          {action(listIcon, trans.__('Show log'), showLog)}
          {!build.ended && action(closeIcon, trans.__('Cancel'), cancel)}
        </span>
      </div>
      {!build.ended && (
        <>
          <ProgressBar fraction={measured(last)} label={trans.__('Progress of %1', build.title)} />
          <div className="jp-appose-build-doing">{doing(build, trans)}</div>
        </>
      )}
      {last?.error && !superseded && (
        <div className="jp-appose-build-error">{last.error.message.split('\n')[0]}</div>
      )}
    </li>
  );
}

function doing(build: Build, trans: TranslationBundle): string {
  // one of them is whoever looks at this
  const others = build.waiting > 1 ? trans._n('%1 waits', '%1 wait', build.waiting) : '';
  return [doingText(build.last, trans), sizesText(build.last, trans), others]
    .filter(part => part)
    .join(' · ');
}

/** How much is done, and since when it runs. */
function Clock({ build, visible }: IProps): JSX.Element {
  const now = useNow(visible);
  const fraction = measured(build.last);
  const percent = fraction === null ? '' : `${Math.round(fraction * 100)} %`;
  return (
    <span className="jp-appose-build-when">
      {[percent, durationText(build, now)].filter(part => part).join(' · ')}
    </span>
  );
}

function Ended({ build, superseded, trans }: IProps): JSX.Element {
  const phase = phaseText(build.last?.phase ?? 'cancelled', trans);
  return (
    <span className="jp-appose-build-when" title={trans.__('It took %1', durationText(build, 0))}>
      {superseded ? trans.__('%1, built since', phase) : phase} · {agoText(build)}
    </span>
  );
}

function Action(props: {
  icon: LabIcon;
  label: string;
  title: string;
  current: boolean;
  run: () => void;
}): JSX.Element {
  return (
    <Button
      minimal
      small
      aria-label={props.label}
      title={props.title}
      tabIndex={props.current ? 0 : -1}
      onClick={props.run}
      onDoubleClick={event => event.stopPropagation()}
    >
      <props.icon.react tag="span" stylesheet="menuItem" />
    </Button>
  );
}
