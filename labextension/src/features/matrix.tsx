import { addIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { EditEnvironment, NewEnvironment, NewFeature } from './forms';
import { Check, FieldMessage, IconButton, refusalText } from './fields';
import type { IFeaturesProps } from './fields';
import { BASE, findEnvironment, findFeature, includes, sameFeature, toggled } from './outline';
import { kindText, nameText } from './words';
import type { Feature, OutlineEnvironment } from '../wire';

/** What is open below the table. */
type Form = 'new environment' | 'new feature' | { environment: string } | null;

/** Environments × features, as toggles. */
export function Matrix(props: IFeaturesProps & { current: string | null }): JSX.Element {
  const { outline, trans } = props;
  const [form, setForm] = React.useState<Form>(null);
  const close = (): void => setForm(null);
  const { refusal } = props.editing;
  const refused =
    refusal && ['set-environment', 'remove-feature'].includes(refusal.edit.op) ? refusalText(refusal) : '';
  const edited = typeof form === 'object' && form ? findEnvironment(outline, form.environment) : undefined;
  return (
    <>
      <div className="jp-appose-matrix-scroll">
        <table className="jp-appose-matrix" aria-label={trans.__('Features of each environment')}>
          <thead>
            <tr>
              <td />
              {outline.environments.map(environment => (
                <th key={environment.name} scope="col">
                  <button
                    className={`jp-appose-matrix-name${environment.name === props.current ? ' jp-mod-current' : ''}`}
                    aria-expanded={edited?.name === environment.name}
                    title={
                      environment.name === props.current
                        ? trans.__(
                            '%1 (of the current notebook): rename, solve group, delete',
                            environment.name
                          )
                        : trans.__('%1: rename, solve group, delete', environment.name)
                    }
                    onClick={() =>
                      setForm(edited?.name === environment.name ? null : { environment: environment.name })
                    }
                  >
                    {environment.name}
                  </button>
                </th>
              ))}
              <th scope="col">
                <IconButton
                  icon={addIcon}
                  label={trans.__('New environment')}
                  expanded={form === 'new environment'}
                  onClick={() => setForm(form === 'new environment' ? null : 'new environment')}
                />
              </th>
            </tr>
          </thead>
          <tbody>
            {outline.features.map(feature => (
              <Row key={`${feature.feature.kind} ${feature.feature.name}`} feature={feature} {...props} />
            ))}
            <tr>
              <td colSpan={outline.environments.length + 2}>
                <button
                  className="jp-appose-matrix-name jp-mod-add"
                  aria-expanded={form === 'new feature'}
                  onClick={() => setForm(form === 'new feature' ? null : 'new feature')}
                >
                  <addIcon.react tag="span" width="12px" height="12px" />
                  {outline.format === 'uv' ? trans.__('extra or group') : trans.__('feature')}
                </button>
              </td>
            </tr>
          </tbody>
        </table>
      </div>
      <div className="jp-appose-matrix-message">
        <FieldMessage id={React.useId()} message={refused} />
      </div>
      {form === 'new environment' && <NewEnvironment {...props} onClose={close} />}
      {form === 'new feature' && <NewFeature {...props} onClose={close} />}
      {edited && <EditEnvironment {...props} key={edited.name} environment={edited} onClose={close} />}
    </>
  );
}

function Row(props: IFeaturesProps & { feature: Feature }): JSX.Element {
  const { model, feature, outline, trans } = props;
  const name = nameText(feature.feature, trans);
  const isShown = sameFeature(model.shownFeature?.feature ?? null, feature.feature);
  return (
    <tr className={isShown ? 'jp-mod-selected' : ''}>
      <th scope="row">
        <button
          className="jp-appose-matrix-name"
          aria-pressed={isShown}
          title={kindText(feature.feature, outline, trans)}
          onClick={() => model.show(feature.feature)}
        >
          {name}
          {feature.feature.kind === 'group' && <small>{trans.__('group')}</small>}
        </button>
      </th>
      {outline.environments.map(environment => (
        <td key={environment.name}>
          <Toggle {...props} environment={environment} label={trans.__('%1 in %2', name, environment.name)} />
        </td>
      ))}
      <td />
    </tr>
  );
}

function Toggle(
  props: IFeaturesProps & { feature: Feature; environment: OutlineEnvironment; label: string }
): JSX.Element {
  const { editing, environment, feature, outline } = props;
  const isBase = feature.feature.kind === 'base';
  const disk = editing.manifest?.outline;
  const before = disk && findEnvironment(disk, environment.name);
  const isOn = (found: OutlineEnvironment): boolean =>
    isBase ? found.with_base : includes(found.features, feature.feature);
  const isChanged = isOn(environment) !== (before ? isOn(before) : false);
  const fixed = fixedReason(props);
  return (
    <Check
      className={isChanged ? 'jp-mod-changed' : ''}
      aria-label={props.label}
      title={fixed || props.label}
      checked={isOn(environment)}
      disabled={fixed !== '' || (!isBase && !findFeature(outline, feature.feature))}
      onToggle={() => editing.change(toggled(environment, isBase ? BASE : feature.feature, before))}
    />
  );
}

/** Why a toggle cannot be changed; empty where it can. */
function fixedReason(props: IFeaturesProps & { feature: Feature; environment: OutlineEnvironment }): string {
  const { environment, feature, outline, trans } = props;
  if (feature.feature.kind === 'base' && (outline.format !== 'pixi' || environment.name === 'default')) {
    return trans.__('What stands in (base) is in this environment in any case.');
  }
  return environment.editable ? '' : trans.__('This environment is edited in the manifest itself.');
}
