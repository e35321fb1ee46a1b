import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, FilterBox } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { EnvironmentList, IRow } from './list';
import { EnvironmentRow } from './row';
import { FirstRun } from './firstrun';
import { CommandIDs } from '../tokens';
import type { Build, Problem } from '../wire';
import { ProblemRow, WorkspaceRow } from './workspacerow';

interface IProps {
  list: EnvironmentList;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** The filter box, and below it the tree of workspaces and environments. */
export function EnvironmentsView(props: IProps): JSX.Element {
  const { list, commands, trans } = props;
  const { model } = list;
  const tree = React.useRef<HTMLDivElement>(null);
  const setQuery = React.useCallback(
    (_: unknown, query?: string) => {
      list.query = query ?? '';
    },
    [list]
  );
  const toTree = (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowDown') {
      tree.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
      event.preventDefault();
    }
  };
  if (model.isReady && !model.workspaces.length && !model.problems.length) {
    return <FirstRun source={list.source} commands={commands} trans={trans} />;
  }
  return (
    <>
      <div className="jp-appose-filter" onKeyDown={toTree}>
        <FilterBox
          placeholder={trans.__('Filter by name, package or state')}
          updateFilter={setQuery}
          useFuzzyFilter={false}
        />
      </div>
      {model.unreachable && <Unreachable problem={model.unreachable} {...props} />}
      {model.isReady && !list.rows.length && (
        <p className="jp-appose-nothing" role="status">
          {trans.__('Nothing matches “%1”.', list.query)}
        </p>
      )}
      <Tree treeRef={tree} {...props} />
    </>
  );
}

function Tree(props: IProps & { treeRef: React.RefObject<HTMLDivElement> }): JSX.Element {
  const { list, commands, trans, treeRef } = props;
  const { active, rows } = list;
  const builds = new Map(list.model.builds.map(build => [build.id, build]));
  const fold = React.useCallback((manifest: string) => list.fold(manifest), [list]);

  const shown = active && list.isSelected(active) ? active.key : null;
  React.useLayoutEffect(() => {
    const node = treeRef.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    node?.scrollIntoView({ block: 'nearest' });
    // the keyboard goes along, if it is here
    if (node && treeRef.current?.contains(document.activeElement) && !node.contains(document.activeElement)) {
      node.focus({ preventScroll: true });
    }
  }, [shown]);

  return (
    <div
      ref={treeRef}
      className="jp-appose-tree"
      role="tree"
      aria-label={trans.__('Environments')}
      onKeyDown={event => onKeyDown(event, list)}
      onClick={event => selectAt(event, list)}
      onContextMenu={event => selectAt(event, list)}
      onDoubleClick={event => openAt(event, list, commands)}
    >
      {rows.map(row => (
        <Row key={row.key} row={row} isActive={row === active} builds={builds} fold={fold} {...props} />
      ))}
    </div>
  );
}

function Row(
  props: IProps & {
    row: IRow;
    isActive: boolean;
    builds: ReadonlyMap<string, Build>;
    fold: (manifest: string) => void;
  }
): JSX.Element {
  const { row, list, commands, trans, isActive, fold } = props;
  const shared = { isSelected: list.isSelected(row), isActive, commands, trans };
  const { environment, group } = row;
  if (environment) {
    return (
      <EnvironmentRow
        environment={environment}
        build={environment.state === 'building' ? props.builds.get(environment.build ?? '') : undefined}
        isCurrent={list.isCurrent(row)}
        {...shared}
      />
    );
  }
  if (group.problem) {
    return <ProblemRow problem={group.problem} {...shared} />;
  }
  const isExpanded = group.environments.length ? row.isExpanded : undefined;
  return <WorkspaceRow workspace={group.workspace} isExpanded={isExpanded} fold={fold} {...shared} />;
}

function onKeyDown(event: React.KeyboardEvent, list: EnvironmentList): void {
  const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (isPlain && isRow(event.target) && list.press(event.key)) {
    event.preventDefault();
  }
}

function isRow(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.role === 'treeitem';
}

/** The row that the pointer is at. */
function rowAt(event: React.MouseEvent, list: EnvironmentList): IRow | undefined {
  const node = (event.target as Element).closest<HTMLElement>('[role="treeitem"]');
  const { manifest, environment = null } = node?.dataset ?? {};
  return list.rows.find(
    row => row.group.manifest === manifest && (row.environment?.name ?? null) === environment
  );
}

function selectAt(event: React.MouseEvent, list: EnvironmentList): void {
  const row = rowAt(event, list);
  if (row) {
    list.select(row);
  }
}

function openAt(event: React.MouseEvent, list: EnvironmentList, commands: CommandRegistry): void {
  const row = rowAt(event, list);
  if (row?.environment && commands.isEnabled(CommandIDs.newNotebook)) {
    void commands.execute(CommandIDs.newNotebook);
  } else if (row) {
    list.fold(row.group.manifest);
  }
}

/** The server is silent: what is shown may be old. */
function Unreachable({ problem, list, trans }: IProps & { problem: Problem }): JSX.Element {
  return (
    <div className="jp-appose-unreachable" role="alert">
      <p>
        {problem.message} {problem.remedy}
      </p>
      <Button minimal small onClick={() => void list.model.refresh()}>
        {trans.__('Try Again')}
      </Button>
    </div>
  );
}
