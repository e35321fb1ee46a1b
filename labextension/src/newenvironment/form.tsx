import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { DraftModel, IFields } from './draft';
import { basename } from '../paths';
import { ProblemText } from '../problems';
import type { Draft } from '../wire';

interface IProps {
  draft: DraftModel;
  /** The folders below one, to choose from. */
  folders: (below: string) => Promise<readonly string[]>;
  trans: TranslationBundle;
}

/** What there is to say of a new workspace, and the manifest that comes of it. */
export function DraftForm(props: IProps): JSX.Element {
  const { draft, trans } = props;
  const { fields } = draft;
  const isUv = fields.format === 'uv';
  return (
    <div className="jp-appose-draft">
      {draft.suggested.length > 0 && (
        <ul className="jp-appose-draft-notes" role="status">
          {draft.suggested.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <Formats {...props} />
      <div className="jp-appose-draft-pair">
        <TextField {...props} field="name" label={trans.__('Name')} />
        <Folder {...props} />
      </div>
      <div className="jp-appose-draft-pair">
        <TextField
          {...props}
          field="python"
          label={trans.__('Python version')}
          hint={trans.__('Such as 3.12 or >=3.10; leave it empty for any.')}
        />
        {!isUv && (
          <TextField
            {...props}
            field="channels"
            label={trans.__('Channels')}
            hint={trans.__('The first counts most; leave it empty for conda-forge.')}
            placeholder="conda-forge"
          />
        )}
      </div>
      <div className="jp-appose-draft-pair">
        <TextField
          {...props}
          field="packages"
          label={isUv ? trans.__('Packages from PyPI') : trans.__('Packages')}
          hint={trans.__('One a line, with a version if it matters.')}
          placeholder={isUv ? 'numpy>=2' : 'numpy >=2'}
          lines
        />
        {!isUv && <TextField {...props} field="pypi" label={trans.__('Packages from PyPI')} lines />}
      </div>
      <label className="jp-appose-draft-cuda">
        <input
          type="checkbox"
          checked={fields.cuda}
          onChange={event => draft.set({ cuda: event.target.checked })}
        />
        {trans.__('With CUDA: packages that use an NVIDIA GPU')}
      </label>
      <Preview {...props} />
    </div>
  );
}

function Formats({ draft, trans }: IProps): JSX.Element {
  const formats: [Draft['format'], string][] = [
    ['pixi', trans.__('Packages of conda and PyPI, for several environments; best if in doubt.')],
    ['uv', trans.__('A Python project with packages of PyPI; the fastest to build.')],
    ['conda', trans.__('An environment.yml, which conda and mamba can read too.')]
  ];
  return (
    <fieldset className="jp-appose-draft-formats">
      <legend>{trans.__('Format')}</legend>
      {formats.map(([format, text]) => (
        <label key={format}>
          <input
            type="radio"
            name="jp-appose-format"
            checked={draft.fields.format === format}
            onChange={() => draft.set({ format })}
          />
          <span>
            <b>{format}</b> {text}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface IFieldProps extends IProps {
  field: Exclude<keyof IFields, 'format' | 'cuda'>;
  label: string;
  hint?: string;
  placeholder?: string;
  lines?: boolean;
  list?: string;
}

/** A field with its label, and below it what is wrong with it, else a hint. */
function TextField(props: IFieldProps): JSX.Element {
  const { draft, field, label, hint, lines } = props;
  const id = React.useId();
  const wrong = draft.wrong === field ? draft.problem : null;
  const Input = lines ? 'textarea' : 'input';
  return (
    <div className="jp-appose-draft-field">
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        className="jp-mod-styled"
        data-field={field}
        value={draft.fields[field]}
        placeholder={props.placeholder}
        list={props.list}
        rows={lines ? 3 : undefined}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-about`}
        onChange={(event: React.ChangeEvent<HTMLInputElement & HTMLTextAreaElement>) =>
          draft.set({ [field]: event.target.value })
        }
      />
      <div id={`${id}-about`} className="jp-appose-draft-about" aria-live="polite">
        {wrong ? (
          <span className="jp-mod-wrong">
            {wrong.message} {wrong.remedy}
          </span>
        ) : (
          hint
        )}
      </div>
    </div>
  );
}

/** The folder, with those that are there to choose from. */
function Folder(props: IProps): JSX.Element {
  const { draft, folders, trans } = props;
  const list = React.useId();
  const [known, setKnown] = React.useState<readonly string[]>([]);
  const { folder } = draft.fields;
  const below = folder.slice(0, folder.lastIndexOf('/') + 1);
  React.useEffect(() => {
    let isWanted = true;
    void folders(below).then(found => isWanted && setKnown(found));
    return () => {
      isWanted = false;
    };
  }, [folders, below]);
  return (
    <>
      <TextField
        {...props}
        field="folder"
        label={trans.__('Folder')}
        hint={trans.__('It is made if it is not there yet.')}
        placeholder={trans.__('the top folder')}
        list={list}
      />
      <datalist id={list}>
        {known.map(path => (
          <option key={path} value={path} />
        ))}
      </datalist>
    </>
  );
}

/** The manifest as it would be written, and what its author should know of it. */
function Preview({ draft, trans }: IProps): JSX.Element {
  const { drafted, problem, wrong, isBusy } = draft;
  return (
    <section className="jp-appose-draft-preview" aria-label={trans.__('Preview')} aria-busy={isBusy}>
      {problem && !wrong && (
        <div className="jp-mod-wrong" role="alert">
          <ProblemText problem={problem} />
        </div>
      )}
      {drafted && (
        <>
          <div className="jp-appose-draft-file">{basename(drafted.manifest)}</div>
          <pre className={problem ? 'jp-mod-old' : undefined} tabIndex={0}>
            {drafted.text}
          </pre>
          {drafted.notes.map(note => (
            <p key={note}>{note}</p>
          ))}
        </>
      )}
    </section>
  );
}
