import { HTMLSelect, editIcon, undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { SpecKind } from './check';
import type { IDetailProps } from './detail';
import {
  FieldMessage,
  IconButton,
  RemoveButton,
  ValueField,
  refusalOf,
  refusalText,
  useSpecField
} from './fields';
import { findFeature, packageKey } from './outline';
import { SourceSelect, indexNames } from './uv';
import type { Dependency, Edit } from '../wire';

type TargetProps = IDetailProps & { target: string };

/** What a feature asks for on the platforms that are shown. */
export function Dependencies(props: TargetProps): JSX.Element {
  const { editing, feature, outline, target, trans } = props;
  const before = editing.manifest && findFeature(editing.manifest.outline, feature.feature);
  const shown = rows(before?.dependencies ?? [], feature.dependencies).filter(
    ({ dependency }) => dependency.target === target
  );
  return (
    <ul
      className={`jp-appose-dependencies${indexNames(outline).length ? ' jp-mod-indexes' : ''}`}
      aria-label={trans.__('Dependencies')}
    >
      {shown.map(({ dependency, old, isRemoved }) => {
        const key = `${dependency.kind} ${dependency.table} ${packageKey(dependency.kind, dependency.name)}`;
        return isRemoved ? (
          <RemovedRow {...props} key={key} dependency={dependency} />
        ) : (
          <Row {...props} key={key} dependency={dependency} old={old} />
        );
      })}
    </ul>
  );
}

interface IRow {
  dependency: Dependency;
  /** As it is on disk. */
  old: Dependency | undefined;
  isRemoved: boolean;
}

/** What there would be, and where it stood, what would be removed. */
function rows(disk: readonly Dependency[], now: readonly Dependency[]): IRow[] {
  const found: IRow[] = now.map(dependency => ({
    dependency,
    old: disk.find(other => isSame(other, dependency)),
    isRemoved: false
  }));
  disk.forEach((dependency, at) => {
    if (!now.some(other => isSame(other, dependency))) {
      found.splice(at, 0, { dependency, old: dependency, isRemoved: true });
    }
  });
  return found;
}

function isSame(one: Dependency, other: Dependency): boolean {
  return (
    one.kind === other.kind &&
    one.table === other.table &&
    one.target === other.target &&
    packageKey(one.kind, one.name) === packageKey(other.kind, other.name)
  );
}

/** Struck out, until the change is written. */
function RemovedRow(props: TargetProps & { dependency: Dependency }): JSX.Element {
  const { dependency, feature, editing, trans } = props;
  const { name, spec, target } = dependency;
  const kind = dependency.kind as SpecKind;
  const label = trans.__('Keep %1', name);
  return (
    <li className="jp-appose-dependency jp-mod-removed">
      <span className="jp-appose-dependency-kind">{kindLabel(dependency, props)}</span>
      <del title={trans.__('%1 would be removed', name)}>{name}</del>
      <del className="jp-appose-dependency-spec">{spec}</del>
      <IconButton
        icon={undoIcon}
        label={label}
        onClick={() =>
          void editing.change({ op: 'set-dependency', feature: feature.feature, kind, name, spec, target })
        }
      />
    </li>
  );
}

function Row(props: TargetProps & { dependency: Dependency; old: Dependency | undefined }): JSX.Element {
  const { dependency, feature, old, trans } = props;
  const { kind, name, spec } = dependency;
  const isEditable = dependency.editable && feature.editable && kind !== 'constraint';
  // a row of [tool.uv.sources] that is more than an index: a folder, a repository
  const written = dependency.sources.find(source => source.index === null);
  return (
    <li className="jp-appose-dependency">
      {kind === 'pypi' && indexNames(props.outline).length > 0 && !written ? (
        <SourceSelect {...props} />
      ) : (
        <span className="jp-appose-dependency-kind" title={written?.text}>
          {kindLabel(dependency, props)}
        </span>
      )}
      <code className={old ? '' : 'jp-mod-changed'} title={name}>
        {name}
      </code>
      {isEditable ? (
        <EditableSpec {...props} isChanged={old?.spec !== spec} />
      ) : (
        <>
          <code className="jp-appose-dependency-spec" title={spec}>
            {spec}
          </code>
          <IconButton
            icon={editIcon}
            label={trans.__('Open %1 in the editor', name)}
            onClick={() => props.openAt(dependency.line)}
          />
        </>
      )}
    </li>
  );
}

function kindLabel(dependency: Dependency, { trans }: TargetProps): string {
  if (dependency.kind === 'constraint') {
    return trans.__('limit');
  }
  return dependency.table.replace(/-?dependencies$/, '') || dependency.kind;
}

function EditableSpec(props: TargetProps & { dependency: Dependency; isChanged: boolean }): JSX.Element {
  const { dependency, feature, editing, model, trans } = props;
  const { name, spec, target } = dependency;
  const kind = dependency.kind as SpecKind;
  const field = useSpecField(model.environments.api);
  const about = { feature: feature.feature, kind, name, target };
  const set = (spec: string): Edit => ({ op: 'set-dependency', ...about, spec });
  const from = feature.feature.kind === 'base' ? null : feature.feature;
  const source: Edit = { op: 'set-source', package: name, feature: from, index: null };
  return (
    <>
      <ValueField
        value={spec}
        label={trans.__('Version of %1', name)}
        placeholder={trans.__('any')}
        isChanged={props.isChanged}
        message={field.message || refusalOf(editing, set('')) || refusalOf(editing, source)}
        onType={text => field.type(kind, text && `${name} ${text}`)}
        onCommit={text =>
          editing.change(field.check(kind, `${name} ${text}`).then(found => found && set(found.spec)))
        }
      />
      <RemoveButton
        label={trans.__('Remove %1', name)}
        onClick={() => void editing.change({ op: 'remove-dependency', ...about })}
      />
    </>
  );
}

/** One field for name and version, checked as it is typed; Enter adds. */
export function AddPackage(props: TargetProps): JSX.Element {
  const { editing, feature, outline, target, model, trans } = props;
  const isPixi = outline.format === 'pixi';
  const field = useSpecField(model.environments.api);
  const message = React.useId();
  const [text, setText] = React.useState('');
  const [kind, setKind] = React.useState<SpecKind>(isPixi ? 'conda' : 'pypi');
  const { refusal } = editing;
  const refused =
    text && refusal?.edit.op === 'set-dependency' && text.startsWith(refusal.edit.name)
      ? refusalText(refusal)
      : '';
  const wrong = field.message || refused;
  const take = (text: string, kind: SpecKind): void => {
    setText(text);
    setKind(kind);
    field.type(kind, text);
  };
  const add = async (): Promise<void> => {
    const found = text.trim() && (await field.check(kind, text));
    if (found) {
      const { name, spec } = found;
      if (
        await editing.change({ op: 'set-dependency', feature: feature.feature, kind, name, spec, target })
      ) {
        take('', kind);
      }
    }
  };
  return (
    <form
      className="jp-appose-add-package"
      onSubmit={event => {
        event.preventDefault();
        void add();
      }}
    >
      <div className="jp-appose-features-row">
        {isPixi && (
          <HTMLSelect
            aria-label={trans.__('Where the package comes from')}
            value={kind}
            options={[
              { value: 'conda', label: 'conda' },
              { value: 'pypi', label: 'PyPI' }
            ]}
            onChange={event => take(text, event.target.value as SpecKind)}
          />
        )}
        <input
          className="jp-appose-input"
          aria-label={trans.__('Add a package')}
          aria-invalid={wrong !== ''}
          aria-describedby={wrong ? message : undefined}
          placeholder={trans.__('Add a package: name, or name==version')}
          spellCheck={false}
          value={text}
          onChange={event => take(event.target.value, kind)}
        />
      </div>
      <FieldMessage id={message} message={wrong} />
    </form>
  );
}
