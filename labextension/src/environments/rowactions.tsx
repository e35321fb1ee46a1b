import { Button, LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

type Handlers = Pick<
  React.DOMAttributes<HTMLElement>,
  'onMouseEnter' | 'onMouseLeave' | 'onFocus' | 'onBlur'
>;

/** Whether the pointer or the keyboard is at a row, which has to have the handlers. */
export function useOver(): [boolean, Handlers] {
  const [isPointed, setPointed] = React.useState(false);
  const [isFocused, setFocused] = React.useState(false);
  const handlers: Handlers = {
    onMouseEnter: () => setPointed(true),
    onMouseLeave: () => setPointed(false),
    onFocus: () => setFocused(true),
    // from the row to one of its buttons is still in it
    onBlur: event => setFocused(event.currentTarget.contains(event.relatedTarget))
  };
  return [isPointed || isFocused, handlers];
}

/** The buttons of a row: those of the commands that can be done. */
export function Actions(props: {
  ids: readonly string[];
  args: ReadonlyPartialJSONObject;
  /** Whether the tabulator key reaches them. */
  isActive: boolean;
  commands: CommandRegistry;
}): JSX.Element {
  const { commands } = props;
  const args = { ...props.args, isContextMenu: true };
  const offered = props.ids.filter(
    id => commands.hasCommand(id) && commands.isVisible(id, args) && commands.isEnabled(id, args)
  );
  return (
    <span className="jp-appose-row-actions">
      {offered.map(id => (
        <Button
          key={id}
          minimal
          small
          className="jp-appose-row-action"
          aria-label={commands.label(id, args)}
          title={commands.label(id, args)}
          tabIndex={props.isActive ? 0 : -1}
          onClick={() => void commands.execute(id, args)}
          onDoubleClick={event => event.stopPropagation()}
        >
          <LabIcon.resolveReact icon={commands.icon(id, args)} tag="span" />
        </Button>
      ))}
    </span>
  );
}
