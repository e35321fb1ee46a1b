import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, closeIcon } from '@jupyterlab/ui-components';
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { SpecField } from './check';
import type { Editing } from './editing';
import { subject } from './edits';
import type { FeaturesModel } from './model';
import type { IRefusal } from './replay';
import { ProblemText } from '../problems';
import type { Api } from '../request';
import type { Edit, Outline, Problem } from '../wire';

/** What each view of the section is given. */
export interface IFeaturesProps {
  model: FeaturesModel;
  editing: Editing;
  /** What the manifest would say. */
  outline: Outline;
  trans: TranslationBundle;
  /** Open the manifest, at a line. */
  openAt: (line: number | null) => void;
}

/** A button with an icon only. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: () => void;
  disabled?: boolean;
  expanded?: boolean;
}): JSX.Element {
  return (
    <Button
      className="jp-appose-icon-button"
      minimal
      small
      disabled={props.disabled}
      aria-label={props.label}
      aria-expanded={props.expanded}
      title={props.label}
      onClick={props.onClick}
    >
      <props.icon.react tag="span" elementPosition="center" width="14px" height="14px" />
    </Button>
  );
}

export function RemoveButton(props: { label: string; onClick: () => void }): JSX.Element {
  return <IconButton icon={closeIcon} {...props} />;
}

interface ICheckProps extends Omit<React.InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  checked: boolean;
  onToggle: () => Promise<unknown>;
}

/** A checkbox that shows what was asked for until the answer tells what is. */
export function Check({ checked, onToggle, ...others }: ICheckProps): JSX.Element {
  const [wanted, setWanted] = React.useState<boolean | null>(null);
  return (
    <input
      {...others}
      type="checkbox"
      checked={wanted ?? checked}
      onChange={async event => {
        setWanted(event.target.checked);
        await onToggle();
        setWanted(null);
      }}
    />
  );
}

/** What is wrong with a field, below it. */
export function FieldMessage(props: { id: string; message: string }): JSX.Element | null {
  const { id, message } = props;
  const node = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    node.current?.scrollIntoView({ block: 'nearest' });
  }, [message]);
  return message ? (
    <div className="jp-appose-field-message" id={id} role="alert" ref={node}>
      {message}
    </div>
  ) : null;
}

export function refusalText({ problem: { message, remedy } }: IRefusal): string {
  return remedy ? `${message} ${remedy}` : message;
}

/** Why the last change of something was refused; empty where it was not. */
export function refusalOf(editing: Editing, edit: Edit): string {
  const { refusal } = editing;
  return refusal && subject(refusal.edit) === subject(edit) ? refusalText(refusal) : '';
}

/** What went wrong, said as it appears. */
export function Trouble(props: { problem: Problem }): JSX.Element {
  return (
    <div className="jp-appose-features-problem" role="alert">
      <ProblemText {...props} />
    </div>
  );
}

export function useSpecField(api: Api): SpecField {
  const [, render] = React.useReducer((count: number) => count + 1, 0);
  const [field] = React.useState(() => new SpecField(api));
  React.useEffect(() => {
    field.changed.connect(render);
    return () => field.dispose();
  }, [field]);
  return field;
}

interface IValueFieldProps {
  value: string;
  label: string;
  /** Shown where the value is empty. */
  placeholder?: string;
  isChanged?: boolean;
  /** What is wrong with what is typed. */
  message?: string;
  onType?: (text: string) => void;
  /** Enter, or leaving the field; false where the text cannot be taken, and stays to be mended. */
  onCommit: (text: string) => Promise<boolean>;
}

/** A value that is a field as soon as it is clicked; Escape brings the value back. */
export function ValueField(props: IValueFieldProps): JSX.Element {
  const [typed, setTyped] = React.useState<string | null>(null);
  const id = React.useId();
  const text = typed ?? props.value;
  const take = (next: string | null): void => {
    setTyped(next);
    props.onType?.(next ?? '');
  };
  const commit = async (): Promise<void> => {
    if (typed === null || typed === props.value) {
      take(null);
    } else if (await props.onCommit(typed.trim())) {
      setTyped(null);
    }
  };
  const message = props.message ?? '';
  return (
    <>
      <input
        className={`jp-appose-value${props.isChanged ? ' jp-mod-changed' : ''}`}
        aria-label={props.label}
        aria-invalid={message !== ''}
        aria-describedby={message ? id : undefined}
        placeholder={props.placeholder}
        spellCheck={false}
        size={Math.min(Math.max(text.length, 6), 24)}
        value={text}
        onChange={event => take(event.target.value)}
        onBlur={() => void commit()}
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.ctrlKey) {
            void commit();
          } else if (event.key === 'Escape') {
            take(null);
          }
        }}
      />
      <FieldMessage id={id} message={message} />
    </>
  );
}

interface INameFormProps {
  /** What the form is for. */
  title: string;
  label: string;
  initial?: string;
  /** What is wrong with a name; empty where it is right. */
  check: (name: string) => string;
  message?: string;
  action: string;
  cancel: string;
  onCommit: (name: string) => void;
  /** The label of a button that removes what has the name. */
  remove?: string;
  onRemove?: () => void;
  onCancel: () => void;
  children?: React.ReactNode;
}

/** A small form for a name, with what else belongs to it. */
export function NameForm(props: INameFormProps): JSX.Element {
  const [name, setName] = React.useState(props.initial ?? '');
  const id = React.useId();
  const wrong = name && name !== props.initial ? props.check(name) : '';
  const message = wrong || (props.message ?? '');
  return (
    <form
      className="jp-appose-features-form"
      aria-label={props.title}
      onSubmit={event => {
        event.preventDefault();
        if (name && !wrong) {
          props.onCommit(name);
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onCancel();
        }
      }}
    >
      <h4>{props.title}</h4>
      <label className="jp-appose-features-labelled">
        <span>{props.label}</span>
        <input
          className="jp-appose-input"
          autoFocus
          aria-invalid={message !== ''}
          aria-describedby={message ? id : undefined}
          spellCheck={false}
          value={name}
          onChange={event => setName(event.target.value)}
        />
      </label>
      <FieldMessage id={id} message={message} />
      {props.children}
      <div className="jp-appose-features-buttons">
        <Button className="jp-mod-styled jp-mod-accept" small type="submit" disabled={!name || wrong !== ''}>
          {props.action}
        </Button>
        <Button className="jp-appose-button" small type="button" onClick={props.onCancel}>
          {props.cancel}
        </Button>
        {props.remove && (
          <Button className="jp-mod-styled jp-mod-warn" small type="button" onClick={props.onRemove}>
            {props.remove}
          </Button>
        )}
      </div>
    </form>
  );
}
