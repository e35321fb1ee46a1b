import { HTMLSelect, addIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IDetailProps } from './detail';
import { Check, FieldMessage, IconButton, RemoveButton, ValueField, refusalOf } from './fields';
import type { IFeaturesProps } from './fields';
import { exclude, excluding, sameFeature, sourceIndex } from './outline';
import { nameText } from './words';
import type { Dependency, Edit, Index, Outline } from '../wire';

/** Where a package comes from: for uv, a choice of index where there is one, for the extra or group that asks. */
export function SourceSelect(props: IDetailProps & { dependency: Dependency }): JSX.Element | null {
  const { editing, feature, outline, dependency, trans } = props;
  const { name } = dependency;
  const about = feature.feature.kind === 'base' ? null : feature.feature;
  const index = sourceIndex(outline, name, about);
  return (
    <HTMLSelect
      className="jp-appose-dependency-kind"
      aria-label={trans.__('Index of %1', name)}
      title={index === null ? trans.__('From any index') : trans.__('From the index %1', index)}
      value={index ?? ''}
      options={[
        { value: '', label: 'pypi' },
        ...indexNames(outline).map(found => ({ value: found, label: found }))
      ]}
      onChange={event =>
        void editing.change({
          op: 'set-source',
          package: name,
          feature: about,
          index: event.target.value || null
        })
      }
    />
  );
}

/** The indexes that a package can be taken from by name. */
export function indexNames(outline: Outline): string[] {
  return outline.format === 'uv' ? outline.indexes.flatMap(({ name }) => (name === null ? [] : [name])) : [];
}

/** Which other extras and groups cannot be in one environment with this one. */
export function Excludes(props: IDetailProps): JSX.Element | null {
  const { editing, feature, outline, trans } = props;
  const own = feature.feature;
  const others = outline.features
    .map(found => found.feature)
    .filter(other => other.kind !== 'base' && !sameFeature(other, own));
  const message = refusalOf(editing, { op: 'set-conflicts', conflicts: [] });
  const id = React.useId();
  return others.length ? (
    <fieldset className="jp-appose-features-choices" aria-describedby={message ? id : undefined}>
      <legend title={trans.__('They are never installed together.')}>{trans.__('excludes')}</legend>
      {others.map(other => {
        const isOn = exclude(outline.conflicts, own, other);
        return (
          <label key={`${other.kind} ${other.name}`}>
            <Check
              aria-label={trans.__('%1 and %2 exclude each other', own.name, other.name)}
              checked={isOn}
              onToggle={() =>
                editing.change({
                  op: 'set-conflicts',
                  conflicts: excluding(outline.conflicts, own, other, !isOn)
                })
              }
            />
            {nameText(other, trans)}
          </label>
        );
      })}
      <FieldMessage id={id} message={message} />
    </fieldset>
  ) : null;
}

/** Where a uv project's packages come from. */
export function Indexes(props: IFeaturesProps): JSX.Element {
  const { outline, trans } = props;
  return (
    <details className="jp-appose-indexes">
      <summary>
        {trans.__('Package indexes')} <small>{outline.indexes.length || 'PyPI'}</small>
      </summary>
      <ul className="jp-appose-dependencies">
        {outline.indexes.map((index, at) => (
          <IndexRow {...props} key={index.name ?? at} index={index} />
        ))}
      </ul>
      <NewIndex {...props} />
    </details>
  );
}

function IndexRow(props: IFeaturesProps & { index: Index }): JSX.Element {
  const { editing, trans } = props;
  const { name, url, explicit } = props.index;
  const old = editing.manifest?.outline.indexes.find(found => found.name === name);
  if (name === null) {
    return (
      <li className="jp-appose-dependency">
        <span className="jp-appose-dependency-kind">{trans.__('unnamed')}</span>
        <code title={url}>{url}</code>
      </li>
    );
  }
  const set = (url: string): Edit => ({ op: 'set-index', name, url, explicit });
  return (
    <li className="jp-appose-dependency jp-mod-index">
      <code
        className={old ? '' : 'jp-mod-changed'}
        title={explicit ? trans.__('only for what asks for it') : ''}
      >
        {name}
      </code>
      <ValueField
        value={url}
        label={trans.__('URL of %1', name)}
        isChanged={old?.url !== url}
        message={refusalOf(editing, set(''))}
        onCommit={text => editing.change(set(text))}
      />
      <RemoveButton
        label={trans.__('Remove %1', name)}
        onClick={() => void editing.change({ op: 'remove-index', name })}
      />
    </li>
  );
}

function NewIndex(props: IFeaturesProps): JSX.Element {
  const { editing, trans } = props;
  const [name, setName] = React.useState('');
  const [url, setUrl] = React.useState('');
  const [explicit, setExplicit] = React.useState(true);
  const edit: Edit = { op: 'set-index', name: name.trim(), url: url.trim(), explicit };
  const message = name ? refusalOf(editing, edit) : '';
  const id = React.useId();
  const add = async (): Promise<void> => {
    if (name.trim() && url.trim() && (await editing.change(edit))) {
      setName('');
      setUrl('');
    }
  };
  return (
    <form
      className="jp-appose-add-package"
      aria-describedby={message ? id : undefined}
      onSubmit={event => {
        event.preventDefault();
        void add();
      }}
    >
      <div className="jp-appose-features-row">
        <input
          className="jp-appose-input jp-mod-short"
          aria-label={trans.__('Name of the new index')}
          placeholder={trans.__('name')}
          spellCheck={false}
          value={name}
          onChange={event => setName(event.target.value)}
        />
        <input
          className="jp-appose-input"
          aria-label={trans.__('URL of the new index')}
          placeholder="https://…"
          spellCheck={false}
          value={url}
          onChange={event => setUrl(event.target.value)}
        />
        <IconButton icon={addIcon} label={trans.__('Add the index')} onClick={() => void add()} />
      </div>
      <label className="jp-appose-features-check">
        <input type="checkbox" checked={explicit} onChange={() => setExplicit(!explicit)} />
        {trans.__('only for packages that ask for it')}
      </label>
      <FieldMessage id={id} message={message} />
    </form>
  );
}
