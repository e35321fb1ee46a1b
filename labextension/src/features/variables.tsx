import { Button, addIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IDetailProps } from './detail';
import { FieldMessage, IconButton, RemoveButton, ValueField, refusalOf } from './fields';
import { findFeature } from './outline';
import type { Edit, Variable } from '../wire';

type TargetProps = IDetailProps & { target: string };

/** The variables that activation sets. */
export function Variables(props: TargetProps): JSX.Element {
  const { feature, target, trans } = props;
  const [isAdding, setAdding] = React.useState(false);
  const shown = feature.variables.filter(found => found.target === target);
  return (
    <>
      <ul className="jp-appose-dependencies" aria-label={trans.__('Variables')}>
        {shown.map(variable => (
          <Row {...props} key={variable.name} variable={variable} />
        ))}
      </ul>
      {isAdding ? (
        <NewVariable {...props} onClose={() => setAdding(false)} />
      ) : (
        feature.editable && (
          <Button className="jp-appose-link" minimal small onClick={() => setAdding(true)}>
            <addIcon.react tag="span" width="12px" height="12px" />
            {trans.__('variable')}
          </Button>
        )
      )}
    </>
  );
}

function Row(props: TargetProps & { variable: Variable }): JSX.Element {
  const { editing, feature, trans } = props;
  const { name, value, target } = props.variable;
  const about = { feature: feature.feature, name, target };
  const set = (value: string): Edit => ({ op: 'set-variable', ...about, value });
  const before = editing.manifest && findFeature(editing.manifest.outline, feature.feature);
  const old = before?.variables.find(found => found.name === name && found.target === target);
  return (
    <li className="jp-appose-dependency jp-mod-variable">
      <span className="jp-appose-dependency-kind">{trans.__('env')}</span>
      <code className={old ? '' : 'jp-mod-changed'} title={name}>
        {name}
      </code>
      <ValueField
        value={value}
        label={trans.__('Value of %1', name)}
        isChanged={old?.value !== value}
        message={refusalOf(editing, set(''))}
        onCommit={text => editing.change(set(text))}
      />
      <RemoveButton
        label={trans.__('Remove %1', name)}
        onClick={() => void editing.change({ op: 'remove-variable', ...about })}
      />
    </li>
  );
}

function NewVariable(props: TargetProps & { onClose: () => void }): JSX.Element {
  const { editing, feature, target, trans } = props;
  const [text, setText] = React.useState('');
  const message = React.useId();
  const [, name, value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? ['', '', ''];
  const key = name.trim();
  const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(key);
  const edit: Edit = { op: 'set-variable', feature: feature.feature, name: key, value: value ?? '', target };
  const wrong =
    key && !isName
      ? trans.__('A name is made of letters, digits and “_”; a value follows after “=”.')
      : key
        ? refusalOf(editing, edit)
        : '';
  const add = async (): Promise<void> => {
    if (isName && value !== undefined && (await editing.change(edit))) {
      props.onClose();
    }
  };
  return (
    <form
      className="jp-appose-add-package"
      onSubmit={event => {
        event.preventDefault();
        void add();
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          props.onClose();
        }
      }}
    >
      <div className="jp-appose-features-row">
        <input
          className="jp-appose-input"
          autoFocus
          aria-label={trans.__('Add a variable')}
          aria-invalid={wrong !== ''}
          aria-describedby={wrong ? message : undefined}
          placeholder={trans.__('NAME=value')}
          spellCheck={false}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        <IconButton icon={addIcon} label={trans.__('Add the variable')} onClick={() => void add()} />
      </div>
      <FieldMessage id={message} message={wrong} />
    </form>
  );
}
