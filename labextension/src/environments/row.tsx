import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, closeIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { doingText, durationText, measured } from '../builds/words';
import { useNow } from '../clock';
import { Actions, useOver } from './rowactions';
import { ProgressBar, StateMark, Tag } from '../components';
import { CommandIDs } from '../tokens';
import type { Build, Environment } from '../wire';
import { bytesText, stateText } from '../words';

interface IProps {
  environment: Environment;
  /** The build that runs, if one does. */
  build: Build | undefined;
  isSelected: boolean;
  /** Whether the keyboard comes here. */
  isActive: boolean;
  /** Whether the notebook in front has it. */
  isCurrent: boolean;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** Offered on the line itself, where they can be done. */
const ACTIONS = [CommandIDs.newNotebook, CommandIDs.switchTo, CommandIDs.build];

/** One environment: its name, its state, and what there is to say about it. */
export const EnvironmentRow = React.memo(function EnvironmentRow(props: IProps): JSX.Element {
  const { environment, isSelected, isActive, isCurrent, commands, trans } = props;
  const [isOver, handlers] = useOver();
  const args = { manifest: environment.manifest, environment: environment.name };
  const note = noteOf(environment);
  const classes = ['jp-appose-row', 'jp-appose-environment', `jp-mod-${environment.state.replace(' ', '-')}`];
  return (
    <div
      className={[
        ...classes,
        ...(isSelected ? ['jp-mod-selected'] : []),
        ...(isCurrent ? ['jp-mod-current'] : []),
        ...(environment.here ? [] : ['jp-mod-elsewhere'])
      ].join(' ')}
      role="treeitem"
      aria-level={2}
      aria-selected={isSelected}
      aria-current={isCurrent || undefined}
      aria-label={[environment.name, stateText(environment, trans), sizeText(environment, trans), note]
        .filter(Boolean)
        .join(', ')}
      tabIndex={isActive ? 0 : -1}
      data-manifest={environment.manifest}
      data-environment={environment.name}
      {...handlers}
    >
      <div className="jp-appose-row-line">
        <StateMark environment={environment} trans={trans} />
        <span className="jp-appose-row-name" title={environment.title}>
          {environment.name}
        </span>
        {environment.gpu && <Tag title={trans.__('Asks for a GPU')}>GPU</Tag>}
        <Meta {...props} />
        {isOver && ['not built', 'ready', 'drifted'].includes(environment.state) && (
          <Actions ids={ACTIONS} args={args} isActive={isActive} commands={commands} />
        )}
      </div>
      {props.build && environment.state === 'building' && (
        <>
          <ProgressBar
            fraction={measured(props.build.last)}
            label={trans.__('Progress of %1', environment.title)}
          />
          <div className="jp-appose-row-note">{doingText(props.build.last, trans)}</div>
        </>
      )}
      {note && <div className="jp-appose-row-note">{note}</div>}
    </div>
  );
});

/** Why it is as it is; the first line of it. */
function noteOf(environment: Environment): string {
  switch (environment.state) {
    case 'failed':
      return (environment.error?.message ?? environment.reason).split('\n')[0];
    case 'drifted':
      return environment.reason;
    default:
      return '';
  }
}

function sizeText({ size, kernels }: Environment, trans: TranslationBundle): string {
  const parts = [
    size === null ? '' : bytesText(size),
    kernels.length ? trans._n('%1 kernel', '%1 kernels', kernels.length) : ''
  ];
  return parts.filter(Boolean).join(', ');
}

/** What stands at the end of the line. */
function Meta(props: IProps): JSX.Element | null {
  const { environment, trans } = props;
  switch (environment.state) {
    case 'building':
      return <Building {...props} />;
    case 'failed':
      return <Failed {...props} />;
    case 'drifted':
      return <span className="jp-appose-row-meta">{stateText(environment, trans)}</span>;
    default:
      return <Figures {...props} />;
  }
}

/** How big it is, how many kernels run in it; or why it is not for this machine. */
function Figures({ environment, trans }: IProps): JSX.Element | null {
  const { here, platforms, size, kernels, reason, state } = environment;
  if (state === 'not built') {
    const title = here ? reason : trans.__('It is for %1', platforms.join(', '));
    return reason ? (
      <span className="jp-appose-row-meta" title={title}>
        {reason}
      </span>
    ) : null;
  }
  const running = trans._n('%1 running kernel', '%1 running kernels', kernels.length);
  return (
    <span className="jp-appose-row-meta">
      {size !== null && bytesText(size)}
      {size !== null && kernels.length > 0 && ' · '}
      {kernels.length > 0 && <span title={running}>{kernels.length} ●</span>}
    </span>
  );
}

function Building({ environment, build, isActive, commands, trans }: IProps): JSX.Element {
  const now = useNow(build !== undefined);
  const fraction = measured(build?.last ?? null);
  const parts = [
    fraction === null ? '' : `${Math.round(fraction * 100)} %`,
    build ? durationText(build, now) : ''
  ];
  const args = { manifest: environment.manifest, environment: environment.name };
  const label = trans.__('Cancel the build of %1', environment.title);
  return (
    <>
      <span className="jp-appose-row-meta">{parts.filter(Boolean).join(' · ')}</span>
      <Button
        minimal
        small
        className="jp-appose-row-action"
        aria-label={label}
        title={trans.__('Cancel Build')}
        tabIndex={isActive ? 0 : -1}
        onClick={() => void commands.execute(CommandIDs.cancel, args)}
      >
        <closeIcon.react tag="span" />
      </Button>
    </>
  );
}

function Failed({ environment, isActive, commands, trans }: IProps): JSX.Element {
  const args = { manifest: environment.manifest, environment: environment.name };
  const link = (id: string, text: string) => (
    <button
      className="jp-appose-link"
      tabIndex={isActive ? 0 : -1}
      onClick={() => void commands.execute(id, args)}
    >
      {text}
    </button>
  );
  return (
    <span className="jp-appose-row-meta">
      {commands.hasCommand(CommandIDs.showLog) && environment.build !== null && (
        <>{link(CommandIDs.showLog, trans.__('Show log'))} · </>
      )}
      {link(CommandIDs.build, trans.__('Retry'))}
    </span>
  );
}
