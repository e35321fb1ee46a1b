import { Button } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { FeatureDetail } from './detail';
import { Trouble } from './fields';
import { Matrix } from './matrix';
import type { FeaturesModel } from './model';
import { Pending } from './pending';
import { Indexes } from './uv';
import type { Workspace } from '../wire';

export interface IFeaturesViewProps {
  model: FeaturesModel;
  trans: TranslationBundle;
  /** The environment of the notebook in front, if it is of this workspace. */
  current: string | null;
  openAt: (line: number | null) => void;
  onApply: () => void;
  onBuild: () => void;
  /** The names of what that builds. */
  toBuild: readonly string[];
  onUndo: () => void;
}

/** The section Features, below its title. */
export function FeaturesView(props: IFeaturesViewProps): JSX.Element {
  const { model, trans } = props;
  const { editing, environments } = model;
  const workspace = environments.workspaces.find(found => found.manifest === model.workspace);
  if (!editing) {
    return environments.isReady ? (
      <Nothing text={trans.__('No manifest was found that can be edited.')} />
    ) : (
      <></>
    );
  }
  if (workspace && !workspace.editable) {
    return <ReadOnly {...props} workspace={workspace} />;
  }
  const { outline, problem } = editing;
  if (!outline) {
    return problem ? (
      <Nothing {...props} text="">
        <Trouble problem={problem} />
      </Nothing>
    ) : (
      <></>
    );
  }
  const feature = model.shownFeature;
  const all = { ...props, editing, outline };
  return (
    <div
      className="jp-appose-features-body"
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          (document.activeElement as HTMLElement | null)?.blur();
          props.onApply();
        }
      }}
    >
      <div className="jp-appose-features-scroll">
        {problem && !editing.isPending && <Trouble problem={problem} />}
        <Matrix {...all} key={editing.workspace} />
        {feature && (
          <FeatureDetail
            {...all}
            key={`${editing.workspace} ${feature.feature.kind} ${feature.feature.name}`}
            feature={feature}
          />
        )}
        {outline.format === 'uv' && <Indexes {...all} />}
      </div>
      <Pending {...all} />
    </div>
  );
}

/** A manifest that has no features, or is not ours to edit. */
function ReadOnly(props: IFeaturesViewProps & { workspace: Workspace }): JSX.Element {
  const { trans, workspace } = props;
  const text: Record<string, string> = {
    conda: trans.__('An environment.yml describes one environment. Edit it as a file.'),
    requirements: trans.__('A requirements.txt describes one environment. Edit it as a file.'),
    script: trans.__('What a notebook asks for stands in the notebook. Edit it there.'),
    appose: trans.__('This environment belongs to the application that built it, and is not edited here.')
  };
  return (
    <Nothing {...props} text={text[workspace.format] ?? trans.__('This manifest is edited as a file.')}>
      {workspace.format !== 'appose' && (
        <Button className="jp-appose-button" small onClick={() => props.openAt(null)}>
          {trans.__('Open manifest')}
        </Button>
      )}
    </Nothing>
  );
}

function Nothing(props: { text: string; children?: React.ReactNode }): JSX.Element {
  return (
    <div className="jp-appose-features-nothing">
      {props.text && <p>{props.text}</p>}
      {props.children}
    </div>
  );
}
