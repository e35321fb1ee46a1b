import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { DraftModel } from './draft';
import { DraftForm } from './form';
import { serverPath } from '../paths';
import { CommandIDs, IEnvironments, ISelection } from '../tokens';
import type { Drafted } from '../wire';
import { DOMAIN } from '../words';

/** Where these stand among the dialog's buttons; “Create” is between them. */
const [CANCEL, BUILD] = [0, 2];

/** Asks for a new workspace, and stays with what was typed until it could be made. */
class DraftDialog extends Dialog<unknown> {
  constructor(
    private readonly draft: DraftModel,
    body: ReactWidget,
    trans: TranslationBundle
  ) {
    super({
      title: trans.__('New Environment'),
      body,
      buttons: [
        Dialog.cancelButton(),
        Dialog.createButton({ label: trans.__('Create'), accept: false }),
        Dialog.okButton({ label: trans.__('Create and Build') })
      ],
      focusNodeSelector: '[data-field=name]'
    });
    this.addClass('jp-appose-draft-dialog');
  }

  /** What was made, and whether it is to be built; null until then. */
  made: { drafted: Drafted; build: boolean } | null = null;

  /** A button, or Enter: called by JupyterLab. */
  resolve(index = BUILD): void {
    if (index === CANCEL) {
      super.resolve(CANCEL);
    } else if (!this.draft.isBusy) {
      void this.create(index);
    }
  }

  /** Enter begins a new line in a field of several; a dialog of JupyterLab's would drop it. */
  handleEvent(event: Event): void {
    const isNewLine = event instanceof KeyboardEvent && event.key === 'Enter' && !event.ctrlKey;
    if (isNewLine && event.target instanceof HTMLTextAreaElement) {
      event.stopPropagation();
    } else {
      super.handleEvent(event);
    }
  }

  private async create(index: number): Promise<void> {
    const drafted = await this.draft.create();
    if (drafted && !this.isDisposed) {
      this.made = { drafted, build: index === BUILD };
      super.resolve(index);
    } else if (!this.isDisposed) {
      this.node.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  }
}

/** The folders in one, as contents paths. */
async function foldersBelow(contents: Contents.IManager, below: string): Promise<readonly string[]> {
  try {
    const { content } = await contents.get(below.replace(/\/$/, ''), { content: true, type: 'directory' });
    return (content as Contents.IModel[])
      .filter(found => found.type === 'directory')
      .map(found => found.path);
  } catch {
    return []; // there is no such folder yet
  }
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:new-environment',
  description: 'Makes new workspaces: small manifests, from a form or from a file.',
  autoStart: true,
  requires: [IEnvironments, ISelection],
  optional: [ITranslator, IDefaultFileBrowser],
  activate: (
    { commands, serviceManager: { contents } }: JupyterFrontEnd,
    environments: IEnvironments,
    selection: ISelection,
    translator: ITranslator | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const folders = (below: string) => foldersBelow(contents, below);

    const ask = async (source?: string): Promise<DraftDialog['made']> => {
      const draft = new DraftModel(environments.api, serverPath(contents, browser?.model.path ?? '') ?? '');
      if (source !== undefined) {
        await draft.take(source);
      }
      draft.ask();
      const body = ReactWidget.create(
        <UseSignal signal={draft.changed}>
          {() => <DraftForm draft={draft} folders={folders} trans={trans} />}
        </UseSignal>
      );
      const dialog = new DraftDialog(draft, body, trans);
      await dialog.launch();
      draft.dispose();
      return dialog.made;
    };

    commands.addCommand(CommandIDs.newEnvironment, {
      label: args => (args.isMenu ? trans.__('Environment…') : trans.__('New Environment…')),
      caption: trans.__('Make a folder of notebooks an environment of its own'),
      icon: args => (args.isPalette ? undefined : addIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            source: {
              type: 'string',
              description: 'Contents path of a requirements.txt, environment.yml or notebook to begin with'
            }
          }
        }
      },
      execute: async args => {
        const made = await ask(typeof args.source === 'string' ? args.source : undefined);
        if (!made) {
          return;
        }
        await environments.refresh();
        const { manifest } = made.drafted;
        selection.select(manifest);
        await commands.execute(CommandIDs.open);
        const first = environments.environments.find(found => found.manifest === manifest);
        if (made.build && first) {
          await commands.execute(CommandIDs.build, { manifest, environment: first.name });
        }
      }
    });
  }
};

export default plugin;
