import { HTMLSelect, deleteIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Channels } from './channels';
import { AddPackage, Dependencies } from './dependencies';
import { IconButton, NameForm, refusalOf } from './fields';
import type { IFeaturesProps } from './fields';
import { Excludes } from './uv';
import { Variables } from './variables';
import { kindText, nameProblem, nameText } from './words';
import type { Feature } from '../wire';

export type IDetailProps = IFeaturesProps & { feature: Feature };

/** One feature: its channels, dependencies and variables. */
export function FeatureDetail(props: IDetailProps): JSX.Element {
  const { model, feature, outline, trans } = props;
  const [open, setOpen] = React.useState<'name' | 'channels' | null>(null);
  const name = nameText(feature.feature, trans);
  const isPixi = outline.format === 'pixi';
  const isBase = feature.feature.kind === 'base';
  const close = (): void => setOpen(null);
  return (
    <section className="jp-appose-feature" aria-label={name}>
      <div className="jp-appose-feature-title">
        <h3 title={kindText(feature.feature, outline, trans)}>{name}</h3>
        {isPixi ? (
          <button
            className="jp-appose-feature-channels"
            aria-expanded={open === 'channels'}
            aria-label={trans.__('Channels of %1', name)}
            title={trans.__('Channels, the first one first: edit')}
            onClick={() => setOpen(open === 'channels' ? null : 'channels')}
          >
            {(feature.channels ?? outline.channels).map(channel => channel.name).join(' ▸ ') ||
              trans.__('no channels')}
          </button>
        ) : (
          <small>
            {isBase
              ? outline.python && `Python ${outline.python}`
              : kindText(feature.feature, outline, trans)}
          </small>
        )}
        {!isBase && feature.editable && (
          <span className="jp-appose-feature-actions">
            <IconButton
              icon={editIcon}
              label={trans.__('Rename %1', name)}
              expanded={open === 'name'}
              onClick={() => setOpen(open === 'name' ? null : 'name')}
            />
            <IconButton
              icon={deleteIcon}
              label={trans.__('Delete %1', name)}
              onClick={() => void props.editing.change({ op: 'remove-feature', feature: feature.feature })}
            />
          </span>
        )}
        {isPixi && <Targets {...props} />}
      </div>
      {open === 'name' && <Rename {...props} onClose={close} />}
      {open === 'channels' && <Channels {...props} />}
      <Dependencies {...props} target={model.target} />
      {isPixi && <Variables {...props} target={model.target} />}
      {feature.editable && <AddPackage {...props} target={model.target} />}
      {outline.format === 'uv' && !isBase && <Excludes {...props} />}
    </section>
  );
}

/** For which platform dependencies are shown and added. */
function Targets(props: IDetailProps): JSX.Element {
  const { model, feature, outline, trans } = props;
  const count = (target: string): number =>
    feature.dependencies.filter(found => found.target === target).length +
    feature.variables.filter(found => found.target === target).length;
  const targets = new Set([...(feature.platforms ?? outline.platforms), ...feature.targets, model.target]);
  targets.delete('');
  const label = (name: string, target: string): string =>
    count(target) ? `${name} (${count(target)})` : name;
  return (
    <HTMLSelect
      className="jp-appose-feature-target"
      aria-label={trans.__('Platforms')}
      title={trans.__('The platforms whose dependencies are shown and added')}
      value={model.target}
      options={[
        { value: '', label: label(trans.__('all platforms'), '') },
        ...[...targets].map(target => ({ value: target, label: label(target, target) }))
      ]}
      onChange={event => model.show(feature.feature, event.target.value)}
    />
  );
}

function Rename(props: IDetailProps & { onClose: () => void }): JSX.Element {
  const { editing, model, feature, outline, trans } = props;
  const { kind, name } = feature.feature;
  const taken = outline.features
    .filter(found => found.feature.kind === kind)
    .map(found => found.feature.name);
  const rename = async (to: string): Promise<void> => {
    if (to === name || (await editing.change({ op: 'rename-feature', feature: feature.feature, to }))) {
      model.show({ kind, name: to });
      props.onClose();
    }
  };
  return (
    <NameForm
      label={trans.__('Name')}
      title={trans.__('Rename %1', name)}
      initial={name}
      check={to => nameProblem(to, taken, trans)}
      message={refusalOf(editing, { op: 'rename-feature', feature: feature.feature, to: '' })}
      action={trans.__('Rename')}
      cancel={trans.__('Cancel')}
      onCommit={to => void rename(to)}
      onCancel={props.onClose}
    />
  );
}
