import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, PanelWithToolbar, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { FeaturesActions } from './actions';
import { FeaturesModel } from './model';
import { FeaturesView } from './view';
import { CommandIDs, IEnvironments, ISelection, ISidebar, Rank } from '../tokens';
import { DOMAIN } from '../words';

/** The section: its title has the choice of a workspace. */
class FeaturesSection extends PanelWithToolbar {
  constructor(model: FeaturesModel, actions: FeaturesActions, trans: TranslationBundle) {
    super();
    this.model = model;
    this.addClass('jp-appose-features');
    this.title.label = trans.__('Features');
    this.toolbar.addItem('workspace', ReactWidget.create(<WorkspaceSelect model={model} trans={trans} />));
    this.toolbar.node.setAttribute('aria-label', trans.__('Workspace'));
    const view = ReactWidget.create(
      <UseSignal signal={model.changed}>
        {() => (
          <FeaturesView
            model={model}
            trans={trans}
            current={actions.current}
            openAt={line => void actions.openAt(line)}
            onApply={() => void actions.apply()}
            onBuild={() => void actions.applyAndBuild()}
            toBuild={actions.toBuild}
            onUndo={() => void model.editing?.undo()}
          />
        )}
      </UseSignal>
    );
    view.addClass('jp-appose-features-view');
    this.addWidget(view);
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.model.isVisible = this.isVisible;
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.model.isVisible = true;
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.model.isVisible = false;
  }

  private readonly model: FeaturesModel;
}

/** Whose manifest is shown. */
function WorkspaceSelect(props: { model: FeaturesModel; trans: TranslationBundle }): JSX.Element {
  const { model, trans } = props;
  return (
    <UseSignal signal={model.changed}>
      {() => {
        const { workspaces } = model.environments;
        const names = workspaces.map(({ name }) => name);
        const options = workspaces.map(({ manifest, name, path }) => ({
          value: manifest,
          label: names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${path})`
        }));
        const { workspace } = model;
        if (workspace !== null && !workspaces.some(({ manifest }) => manifest === workspace)) {
          options.push({ value: workspace, label: workspace });
        }
        return options.length ? (
          <HTMLSelect
            className="jp-appose-features-workspace"
            aria-label={trans.__('Workspace')}
            title={workspace ?? ''}
            value={workspace ?? ''}
            options={options}
            onChange={event => void model.select(event.target.value)}
          />
        ) : (
          <></>
        );
      }}
    </UseSignal>
  );
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:features',
  description:
    'Edits the manifests of workspaces: which environment has which features, and what these ask for.',
  autoStart: true,
  requires: [IEnvironments, ISelection, ISidebar],
  optional: [ITranslator, IStateDB, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    environments: IEnvironments,
    selection: ISelection,
    sidebar: ISidebar,
    translator: ITranslator | null,
    store: IStateDB | null,
    notebooks: INotebookTracker | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const model = new FeaturesModel(environments, store);
    const actions = new FeaturesActions(model, app.commands, selection, notebooks, trans);
    const section = new FeaturesSection(model, actions, trans);
    sidebar.addSection(section, Rank.features);
    app.commands.addCommand(CommandIDs.editFeatures, {
      label: trans.__('Edit Features…'),
      caption: trans.__('Choose what belongs to the environments of a workspace'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            workspace: { type: 'string', description: 'Contents path of the manifest' }
          }
        }
      },
      execute: async args => {
        const workspace = selection.workspaceOf(args)?.manifest ?? args.workspace;
        await app.commands.execute(CommandIDs.open);
        sidebar.expand(section);
        if (typeof workspace === 'string') {
          await model.select(workspace);
        }
      }
    });
  }
};

export default plugin;
