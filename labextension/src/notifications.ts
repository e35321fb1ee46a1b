import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';

import { sessionOf } from './current';
import { CommandIDs, IEnvironments, ISelection, SETTINGS } from './tokens';
import type { Build } from './wire';
import { DOMAIN } from './words';

/** Milliseconds for which good news stays. */
const GOOD_NEWS = 6000;

/** Tells how builds ended: those that this tab asked for, or that a notebook in it waits for. */
class Notices {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly model: IEnvironments,
    private readonly selection: ISelection,
    private readonly trans: TranslationBundle
  ) {
    model.ended.connect(this.onEnded, this);
    model.changed.connect(this.clear, this);
  }

  settings: ISettingRegistry.ISettings | null = null;

  private onEnded(_: IEnvironments, build: Build): void {
    const wanted = this.settings?.composite.notify ?? 'ended';
    if (wanted === 'never' || !(this.model.startedHere.has(build.id) || this.isOpen(build))) {
      return;
    }
    if (build.last?.phase === 'failed') {
      this.tellFailure(build);
    } else if (build.last?.phase === 'ready' && wanted === 'ended') {
      this.tellReady(build);
    }
  }

  private tellReady(build: Build): void {
    const { current } = this.selection;
    const isSeen = current?.manifest === build.manifest && current.name === build.environment;
    if (isSeen || this.model.startedHere.get(build.id)?.announced) {
      return;
    }
    Notification.success(this.trans.__('%1 is ready.', build.title), {
      autoClose: GOOD_NEWS,
      actions: [this.action(this.trans.__('New Notebook'), CommandIDs.newNotebook, build)]
    });
  }

  private tellFailure(build: Build): void {
    const { trans } = this;
    const reason = build.last?.error?.message.split('\n')[0] ?? '';
    const id = Notification.error(trans.__('%1 could not be built. %2', build.title, reason), {
      autoClose: false,
      actions: [
        this.action(trans.__('Show Log'), CommandIDs.showLog, build),
        this.action(trans.__('Retry'), CommandIDs.build, build)
      ]
    });
    this.failures.set(id, build);
  }

  private action(label: string, command: string, build: Build): Notification.IAction {
    const { id, manifest, environment } = build;
    const args = command === CommandIDs.showLog ? { build: id } : { manifest, environment };
    return { label, callback: () => void this.app.commands.execute(command, args) };
  }

  /** A failure is no news any more when the environment is built again. */
  private clear(): void {
    for (const [notification, { manifest, environment, id }] of this.failures) {
      const found = this.model.environment({ manifest, name: environment });
      if (found && found.build !== id) {
        this.failures.delete(notification);
        Notification.dismiss(notification);
      }
    }
  }

  private isOpen({ manifest, environment }: Build): boolean {
    const kernels = this.model.environment({ manifest, name: environment })?.kernels ?? [];
    return [...this.app.shell.widgets('main')].some(widget =>
      kernels.includes(sessionOf(widget)?.session?.kernel?.id ?? '')
    );
  }

  /** By the ids of their notifications. */
  private readonly failures = new Map<string, Build>();
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'appose-kernel:notifications',
  description: 'Tells how builds ended.',
  autoStart: true,
  requires: [IEnvironments, ISelection],
  optional: [ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    model: IEnvironments,
    selection: ISelection,
    translator: ITranslator | null,
    registry: ISettingRegistry | null
  ): void => {
    const notices = new Notices(app, model, selection, (translator ?? nullTranslator).load(DOMAIN));
    void registry?.load(SETTINGS).then(settings => {
      notices.settings = settings;
    });
  }
};

export default plugin;
