import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Problem } from './wire';

/** What went wrong, what to do, and the tool's own words. */
export function ProblemText(props: { problem: Problem }): JSX.Element {
  const { message, remedy, detail } = props.problem;
  return (
    <div className="jp-appose-problem">
      <p>{message}</p>
      {remedy && <p className="jp-appose-remedy">{remedy}</p>}
      {detail && <pre>{detail}</pre>}
    </div>
  );
}

/** Say that what was asked for could not be done; `title` is what was asked for. */
export async function showProblem(title: string, problem: Problem, trans: TranslationBundle): Promise<void> {
  await showDialog({
    title,
    body: <ProblemText problem={problem} />,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}
