import { Button, addIcon, caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IDetailProps } from './detail';
import { FieldMessage, IconButton, RemoveButton, refusalOf } from './fields';
import { nameText } from './words';
import type { Edit } from '../wire';

/** The channels of a feature in their order: the first that has a package is the one it comes from. */
export function Channels(props: IDetailProps): JSX.Element {
  const { editing, feature, outline, trans } = props;
  const isBase = feature.feature.kind === 'base';
  const own = isBase ? outline.channels : feature.channels;
  const names = (own ?? outline.channels).map(channel => channel.name);
  const message = React.useId();
  const [added, setAdded] = React.useState('');
  const edit = (channels: string[] | null): Edit => ({
    op: 'set-channels',
    feature: feature.feature,
    channels
  });
  const refusal = refusalOf(editing, edit(null));
  const swapped = (at: number): string[] => {
    const next = [...names];
    [next[at - 1], next[at]] = [next[at], next[at - 1]];
    return next;
  };
  const add = async (): Promise<void> => {
    const name = added.trim();
    if (name && !names.includes(name) && (await editing.change(edit([...names, name])))) {
      setAdded('');
    }
  };
  return (
    <div
      className="jp-appose-channels"
      role="group"
      aria-label={trans.__('Channels of %1', nameText(feature.feature, trans))}
    >
      {own === null && <p>{trans.__('Those of the workspace; a change makes them its own.')}</p>}
      <ol>
        {names.map((name, at) => (
          <li key={name}>
            <code>{name}</code>
            <IconButton
              icon={caretUpIcon}
              label={trans.__('Move %1 up', name)}
              disabled={at === 0}
              onClick={() => void editing.change(edit(swapped(at)))}
            />
            <IconButton
              icon={caretDownIcon}
              label={trans.__('Move %1 down', name)}
              disabled={at === names.length - 1}
              onClick={() => void editing.change(edit(swapped(at + 1)))}
            />
            <RemoveButton
              label={trans.__('Remove %1', name)}
              onClick={() => void editing.change(edit(names.filter(other => other !== name)))}
            />
          </li>
        ))}
      </ol>
      <form
        className="jp-appose-features-row"
        onSubmit={event => {
          event.preventDefault();
          void add();
        }}
      >
        <input
          className="jp-appose-input"
          aria-label={trans.__('Add a channel')}
          aria-invalid={refusal !== ''}
          aria-describedby={refusal ? message : undefined}
          placeholder={trans.__('Add a channel: name or URL')}
          spellCheck={false}
          value={added}
          onChange={event => setAdded(event.target.value)}
        />
        <IconButton icon={addIcon} label={trans.__('Add the channel')} onClick={() => void add()} />
      </form>
      <FieldMessage id={message} message={refusal} />
      {!isBase && own !== null && (
        <Button className="jp-appose-link" minimal small onClick={() => void editing.change(edit(null))}>
          {trans.__('Use those of the workspace')}
        </Button>
      )}
    </div>
  );
}
