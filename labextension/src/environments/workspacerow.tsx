import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, caretDownIcon, caretRightIcon, errorIcon, lockIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { Tag } from '../components';
import { lockNoneIcon, lockStaleIcon } from '../icons';
import { isBelowRoot } from '../paths';
import { Actions, useOver } from './rowactions';
import { CommandIDs } from '../tokens';
import type { Problem, Workspace } from '../wire';

/** What the head of a workspace and the card of a broken manifest share. */
interface IHeadProps {
  isSelected: boolean;
  /** Whether the keyboard comes here. */
  isActive: boolean;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

interface IWorkspaceProps extends IHeadProps {
  workspace: Workspace;
  /** Undefined where there is nothing to unfold. */
  isExpanded: boolean | undefined;
  /** Fold or unfold it. */
  fold: (manifest: string) => void;
}

const ACTIONS = [CommandIDs.editFeatures, CommandIDs.openManifest];

/** The head of a workspace. */
export const WorkspaceRow = React.memo(function WorkspaceRow(props: IWorkspaceProps): JSX.Element {
  const { workspace, isExpanded, isSelected, isActive, commands, trans } = props;
  const [isOver, handlers] = useOver();
  const Caret = isExpanded ? caretDownIcon : caretRightIcon;
  return (
    <div
      className={`jp-appose-row jp-appose-workspace${isSelected ? ' jp-mod-selected' : ''}`}
      role="treeitem"
      aria-level={1}
      aria-expanded={isExpanded}
      aria-selected={isSelected}
      aria-label={[workspace.name, workspace.path, workspace.format, lockText(workspace, trans)]
        .filter(Boolean)
        .join(', ')}
      tabIndex={isActive ? 0 : -1}
      data-manifest={workspace.manifest}
      {...handlers}
    >
      <div className="jp-appose-row-line">
        <span
          className="jp-appose-row-caret"
          aria-hidden={true}
          onClick={() => props.fold(workspace.manifest)}
        >
          {isExpanded !== undefined && <Caret.react tag="span" />}
        </span>
        <span className="jp-appose-row-name" title={workspace.manifest}>
          {workspace.name}
        </span>
        <span className="jp-appose-row-path" title={workspace.root}>
          {workspace.path === workspace.name ? '' : workspace.path}
        </span>
        {isOver && (
          <Actions
            ids={ACTIONS}
            args={{ manifest: workspace.manifest, workspace: workspace.manifest }}
            isActive={isActive}
            commands={commands}
          />
        )}
        <Tag title={trans.__('Format of the manifest')}>{workspace.format}</Tag>
        <Lock workspace={workspace} trans={trans} />
      </div>
    </div>
  );
});

function lockText({ lock }: Workspace, trans: TranslationBundle): string {
  switch (lock) {
    case 'locked':
      return trans.__('Locked: a build installs the very same packages anywhere');
    case 'stale':
      return trans.__('The lock is older than the manifest: the next build brings it up to date');
    default:
      return trans.__('Not locked yet: the first build chooses the packages');
  }
}

function Lock(props: { workspace: Workspace; trans: TranslationBundle }): JSX.Element {
  const { workspace, trans } = props;
  const icons = { locked: lockIcon, stale: lockStaleIcon, none: lockNoneIcon };
  const Icon = icons[workspace.lock];
  const text = lockText(workspace, trans);
  return (
    <span className={`jp-appose-row-lock jp-mod-${workspace.lock}`} role="img" aria-label={text} title={text}>
      <Icon.react tag="span" />
    </span>
  );
}

/** A manifest that cannot be read: what is wrong with it, and a way to it. */
export function ProblemRow(props: IHeadProps & { problem: Problem }): JSX.Element {
  const { problem, isSelected, isActive, commands, trans } = props;
  const manifest = problem.manifest ?? '';
  return (
    <div
      className={`jp-appose-row jp-appose-broken${isSelected ? ' jp-mod-selected' : ''}`}
      role="treeitem"
      aria-level={1}
      aria-selected={isSelected}
      aria-label={[manifest, problem.message, problem.remedy].filter(Boolean).join(' ')}
      tabIndex={isActive ? 0 : -1}
      data-manifest={manifest}
    >
      <div className="jp-appose-row-line">
        <errorIcon.react tag="span" className="jp-appose-row-error" />
        <span className="jp-appose-row-name" title={manifest}>
          {manifest}
        </span>
        {isBelowRoot(manifest) && (
          <Button
            minimal
            small
            tabIndex={isActive ? 0 : -1}
            aria-label={trans.__('Open %1', manifest)}
            onClick={() => void commands.execute('docmanager:open', { path: manifest })}
          >
            {trans.__('Open')}
          </Button>
        )}
      </div>
      <div className="jp-appose-row-note">
        {problem.message} {problem.remedy}
      </div>
    </div>
  );
}
