import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import { NameForm, refusalOf, refusalText } from './fields';
import type { IFeaturesProps } from './fields';
import { includes, sameFeature } from './outline';
import { nameProblem, nameText } from './words';
import type { Edit, FeatureName, OutlineEnvironment } from '../wire';

type FormProps = IFeaturesProps & { onClose: () => void };

/** Take an edit over, and close the form if it could be made. */
async function commit(props: FormProps, edit: Edit): Promise<void> {
  if (await props.editing.change(edit)) {
    props.onClose();
  }
}

function environmentNames(props: IFeaturesProps): string[] {
  return props.outline.environments.map(({ name }) => name);
}

export function NewEnvironment(props: FormProps): JSX.Element {
  const { editing, outline, trans } = props;
  const [features, setFeatures] = React.useState<FeatureName[]>([]);
  const [solveGroup, setSolveGroup] = React.useState('');
  const edit = (name: string): Edit => ({
    op: 'add-environment',
    name,
    features,
    solve_group: solveGroup.trim() || null,
    with_base: true
  });
  const all = outline.features.map(({ feature }) => feature).filter(({ kind }) => kind !== 'base');
  const { refusal } = editing;
  return (
    <NameForm
      label={trans.__('Name')}
      title={trans.__('New environment')}
      check={name => nameProblem(name, environmentNames(props), trans)}
      message={refusal?.edit.op === 'add-environment' ? refusalText(refusal) : ''}
      action={trans.__('Add')}
      cancel={trans.__('Cancel')}
      onCommit={name => void commit(props, edit(name))}
      onCancel={props.onClose}
    >
      {all.length > 0 && (
        <fieldset className="jp-appose-features-choices">
          <legend>{trans.__('with')}</legend>
          {all.map(feature => (
            <label key={`${feature.kind} ${feature.name}`}>
              <input
                type="checkbox"
                checked={includes(features, feature)}
                onChange={() =>
                  setFeatures(
                    includes(features, feature)
                      ? features.filter(found => !sameFeature(found, feature))
                      : [...features, feature]
                  )
                }
              />
              {nameText(feature, trans)}
            </label>
          ))}
        </fieldset>
      )}
      {outline.format === 'pixi' && <SolveGroup {...props} value={solveGroup} onChange={setSolveGroup} />}
    </NameForm>
  );
}

/** Environments of one solve group have the same versions of what they share. */
function SolveGroup(
  props: IFeaturesProps & { value: string; onChange: (value: string) => void }
): JSX.Element {
  const { outline, trans } = props;
  const list = React.useId();
  const groups = outline.environments.map(found => found.solve_group).filter(group => group !== null);
  return (
    <label
      className="jp-appose-features-labelled"
      title={trans.__('Environments of one solve group have the same versions of what they share.')}
    >
      <span>{trans.__('Solve group')}</span>
      <input
        className="jp-appose-input"
        list={list}
        spellCheck={false}
        placeholder={trans.__('none')}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      />
      <datalist id={list}>
        {[...new Set(groups)].map(group => (
          <option key={group} value={group!} />
        ))}
      </datalist>
    </label>
  );
}

export function EditEnvironment(props: FormProps & { environment: OutlineEnvironment }): JSX.Element {
  const { editing, environment, outline, trans } = props;
  const { name, features, with_base } = environment;
  const [solveGroup, setSolveGroup] = React.useState(environment.solve_group ?? '');
  const save = async (to: string): Promise<void> => {
    const solve_group = solveGroup.trim() || null;
    const isSet =
      solve_group === environment.solve_group ||
      (await editing.change({ op: 'set-environment', name, features, with_base, solve_group }));
    if (isSet && (to === name || (await editing.change({ op: 'rename-environment', name, to })))) {
      props.onClose();
    }
  };
  if (!environment.editable || !environment.declared) {
    return (
      <div className="jp-appose-features-form" role="note">
        {environment.editable
          ? trans.__(
              '“%1” follows from the manifest. Toggle what belongs to it, and it is declared there.',
              name
            )
          : trans.__('“%1” is edited in the manifest itself.', name)}
      </div>
    );
  }
  const message =
    refusalOf(editing, { op: 'remove-environment', name }) ||
    refusalOf(editing, { op: 'rename-environment', name, to: '' });
  return (
    <NameForm
      label={trans.__('Name')}
      title={trans.__('Environment %1', name)}
      initial={name}
      check={to => nameProblem(to, environmentNames(props), trans)}
      message={message}
      action={trans.__('Change')}
      cancel={trans.__('Cancel')}
      remove={trans.__('Delete %1', name)}
      onCommit={to => void save(to)}
      onRemove={() => void commit(props, { op: 'remove-environment', name })}
      onCancel={props.onClose}
    >
      {outline.format === 'pixi' && <SolveGroup {...props} value={solveGroup} onChange={setSolveGroup} />}
    </NameForm>
  );
}

export function NewFeature(props: FormProps): JSX.Element {
  const { editing, model, outline, trans } = props;
  const isUv = outline.format === 'uv';
  const [kind, setKind] = React.useState<FeatureName['kind']>(isUv ? 'extra' : 'feature');
  const taken = outline.features.map(({ feature }) => feature).filter(found => found.kind === kind);
  const add = async (name: string): Promise<void> => {
    const feature = { kind, name };
    if (await editing.change({ op: 'add-feature', feature })) {
      model.show(feature);
      props.onClose();
    }
  };
  const { refusal } = editing;
  return (
    <NameForm
      label={trans.__('Name')}
      title={isUv ? trans.__('New extra or group') : trans.__('New feature')}
      check={name =>
        nameProblem(
          name,
          taken.map(found => found.name),
          trans
        )
      }
      message={refusal?.edit.op === 'add-feature' ? refusalText(refusal) : ''}
      action={trans.__('Add')}
      cancel={trans.__('Cancel')}
      onCommit={name => void add(name)}
      onCancel={props.onClose}
    >
      {isUv && (
        <label className="jp-appose-features-labelled">
          <span>{trans.__('as')}</span>
          <HTMLSelect
            value={kind}
            options={[
              { value: 'extra', label: trans.__('extra (part of the published package)') },
              { value: 'group', label: trans.__('group (for those who work on it)') }
            ]}
            onChange={event => setKind(event.target.value as FeatureName['kind'])}
          />
        </label>
      )}
    </NameForm>
  );
}
