import type { TranslationBundle } from '@jupyterlab/translation';
import { listIcon, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import type { LogReader } from './reader';
import { LogState } from './state';
import { LogView } from './view';
import { ProblemText } from '../problems';

/** The log of one build, with its error at the end; JupyterLab puts a toolbar and a tab around it. */
export class LogWidget extends ReactWidget {
  constructor(
    readonly reader: LogReader,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.state = new LogState(reader);
    this.addClass('jp-appose-log');
    this.title.icon = listIcon;
    reader.changed.connect(this.entitle, this);
    this.entitle();
  }

  readonly state: LogState;

  dispose(): void {
    this.state.dispose();
    this.reader.dispose();
    super.dispose();
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this.state.changed}>
        {() => {
          const problem = this.reader.problem ?? this.reader.last?.error;
          return (
            <>
              <LogView state={this.state} label={this.title.label} trans={this.trans} />
              {problem && (
                <section
                  className="jp-appose-log-error"
                  aria-label={this.trans.__('What went wrong')}
                  tabIndex={0}
                >
                  <ProblemText problem={problem} />
                </section>
              )}
            </>
          );
        }}
      </UseSignal>
    );
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.reader.visible = true;
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.reader.visible = this.isVisible;
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.reader.visible = false;
  }

  /** The lines have the keyboard: Page Down goes on in them. */
  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.querySelector<HTMLElement>('[role=log]')?.focus();
  }

  private entitle(): void {
    const title = this.reader.build?.title;
    this.title.label = title ? this.trans.__('Log: %1', title) : this.trans.__('Log');
    this.title.caption = this.title.label;
  }
}
