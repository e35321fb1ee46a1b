import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Environment } from './wire';
import { stateText } from './words';

/** A dot whose shape and colour tell an environment's state; said in words for those who do not see it. */
export function StateMark(props: { environment: Environment; trans: TranslationBundle }): JSX.Element {
  const text = stateText(props.environment, props.trans);
  const kind = props.environment.state.replace(' ', '-');
  return <span className={`jp-appose-mark jp-mod-${kind}`} role="img" aria-label={text} title={text} />;
}

/** A small framed word: a format, or `GPU`. */
export function Tag(props: { children: React.ReactNode; kind?: string; title?: string }): JSX.Element {
  const kind = props.kind ? ` jp-mod-${props.kind}` : '';
  return (
    <span className={`jp-appose-tag${kind}`} title={props.title}>
      {props.children}
    </span>
  );
}

/** How much is done, from 0 to 1; null while nobody can know. */
export function ProgressBar(props: { fraction: number | null; label: string }): JSX.Element {
  const percent = props.fraction === null ? undefined : Math.round(props.fraction * 100);
  return (
    <div
      className={`jp-appose-progress${percent === undefined ? ' jp-mod-unknown' : ''}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div
        className="jp-appose-progress-done"
        style={{ width: percent === undefined ? undefined : `${percent}%` }}
      />
    </div>
  );
}
