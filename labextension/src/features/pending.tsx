import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Trouble } from './fields';
import type { IFeaturesProps } from './fields';
import { summary } from './plan';
import { buildText, editText, packageText, planText } from './words';
import { lineDiff } from './linediff';
import type { DiffLine } from '../wire';

interface IPendingProps extends IFeaturesProps {
  onApply: () => void;
  onBuild: () => void;
  /** The names of what “Apply and build” builds. */
  toBuild: readonly string[];
  onUndo: () => void;
}

/** What is not written yet, or was written last. */
export function Pending(props: IPendingProps): JSX.Element | null {
  const { editing, trans } = props;
  const { edits, conflict, failure } = editing;
  const file = editing.manifest?.manifest.replace(/^.*[\\/]/, '') ?? '';
  if (!editing.isPending) {
    return editing.canUndo || failure ? (
      <div className="jp-appose-pending">
        {failure && <Trouble problem={failure} />}
        {editing.canUndo && (
          <div className="jp-appose-features-buttons">
            <span role="status">{trans.__('%1 is written.', file)}</span>
            <Button className="jp-appose-button" small disabled={editing.isBusy} onClick={props.onUndo}>
              {trans.__('Undo')}
            </Button>
          </div>
        )}
      </div>
    ) : null;
  }
  return (
    <div className="jp-appose-pending" aria-label={trans.__('Pending change')} role="group">
      <div className="jp-appose-pending-title">
        <h3>{trans.__('Pending change')}</h3>
        <small>
          {file} · {trans._n('%1 edit', '%1 edits', edits.length)}
        </small>
      </div>
      {editing.problem && <Trouble problem={editing.problem} />}
      {conflict && <Conflict {...props} before={conflict.before} />}
      {editing.edited && <Diff lines={editing.edited.diff} label={trans.__('What would be written')} />}
      <PlanLine {...props} />
      {failure && <Trouble problem={failure} />}
      <Buttons {...props} />
    </div>
  );
}

/** Somebody else wrote the file: what they changed, and what cannot be done to it any more. */
function Conflict(props: IPendingProps & { before: string }): JSX.Element {
  const { editing, before, trans } = props;
  const refused = editing.conflict?.refused ?? [];
  return (
    <div className="jp-appose-conflict" role="alert">
      <p>
        <b>{trans.__('The file changed on disk meanwhile.')}</b> {trans.__('What changed there:')}
      </p>
      <Diff
        lines={lineDiff(before, editing.manifest?.text ?? before)}
        label={trans.__('What changed on disk')}
      />
      {refused.length > 0 && (
        <>
          <p>{trans.__('These edits cannot be made any more:')}</p>
          <ul>
            {refused.map(({ edit, problem }, at) => (
              <li key={at}>
                {editText(edit, trans)}
                <small>{problem.message}</small>
              </li>
            ))}
          </ul>
        </>
      )}
      {editing.edited && <p>{trans.__('What your edits make of it:')}</p>}
    </div>
  );
}

const MARKS: Record<DiffLine['kind'], string> = { same: ' ', add: '+', remove: '-', gap: '⋯' };

/** Lines with their marks, so that colours say nothing that the text does not. */
function Diff(props: { lines: readonly DiffLine[]; label: string }): JSX.Element {
  return (
    <pre className="jp-appose-diff" aria-label={props.label} tabIndex={0} role="region">
      {props.lines.map((line, at) => (
        <span key={at} className={`jp-mod-${line.kind}`}>
          {MARKS[line.kind]}
          {line.text}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

/** What would be installed, once it was asked for. */
function PlanLine(props: IPendingProps): JSX.Element | null {
  const { editing, trans } = props;
  const { plan, problem, isRunning } = editing.planning;
  if (problem) {
    return <Trouble problem={problem} />;
  }
  if (!plan) {
    return editing.edited && !editing.conflict ? (
      <p className="jp-appose-plan">
        <Button className="jp-appose-link" minimal small onClick={() => void editing.plan()}>
          {trans.__('Preview what would be installed')}
        </Button>
      </p>
    ) : null;
  }
  if (isRunning) {
    return (
      <p className="jp-appose-plan" role="status">
        {plan.message || trans.__('Looking for what would change…')}{' '}
        <Button className="jp-appose-link" minimal small onClick={() => editing.planning.forget()}>
          {trans.__('Cancel')}
        </Button>
      </p>
    );
  }
  const found = summary(plan);
  if (!found.changes.length) {
    return (
      <p className="jp-appose-plan" role="status">
        {planText(found, trans)}
      </p>
    );
  }
  return (
    <details className="jp-appose-plan">
      <summary role="status">{planText(found, trans)}</summary>
      {plan.environments
        .filter(({ changes }) => changes.length)
        .map(({ environment, changes }) => (
          <React.Fragment key={environment}>
            <h4>{environment}</h4>
            <ul>
              {changes.map(change => (
                <li key={`${change.kind} ${change.name}`}>
                  <small>{change.kind}</small> {packageText(change, trans)}
                </li>
              ))}
            </ul>
          </React.Fragment>
        ))}
    </details>
  );
}

function Buttons(props: IPendingProps): JSX.Element {
  const { editing, toBuild, trans } = props;
  const { conflict, edits, isBusy } = editing;
  const isReady = editing.edited !== null && !isBusy;
  const discard = (
    <Button className="jp-appose-button" small disabled={isBusy} onClick={() => void editing.discard()}>
      {trans.__('Discard')}
    </Button>
  );
  if (conflict) {
    return (
      <div className="jp-appose-features-buttons">
        <Button className="jp-mod-styled jp-mod-accept" small onClick={() => editing.keep()}>
          {edits.length ? trans.__('Go on with my edits') : trans.__('Go on')}
        </Button>
        {edits.length > 0 && discard}
      </div>
    );
  }
  return (
    <div className="jp-appose-features-buttons">
      <Button
        className="jp-mod-styled jp-mod-accept"
        small
        disabled={!isReady}
        title={trans.__('Write the manifest, then build: %1', toBuild.join(', '))}
        onClick={props.onBuild}
      >
        {buildText(toBuild, trans)}
      </Button>
      <Button
        className="jp-appose-button"
        small
        disabled={!isReady}
        title={trans.__('Write the manifest (Ctrl Enter)')}
        onClick={props.onApply}
      >
        {trans.__('Apply')}
      </Button>
      {discard}
    </div>
  );
}
