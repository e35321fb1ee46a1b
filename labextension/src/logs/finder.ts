import { MainAreaWidget } from '@jupyterlab/apputils';
import { SearchProvider } from '@jupyterlab/documentsearch';
import type { ISearchMatch, ISearchProvider, ISearchProviderFactory } from '@jupyterlab/documentsearch';
import type { Widget } from '@lumino/widgets';

import type { IMatch } from './search';
import type { LogState } from './state';
import { LogWidget } from './widget';

/** Lets JupyterLab's own search (Ctrl F) look through a log, also where its lines are not in the document. */
class LogFinder extends SearchProvider<MainAreaWidget<LogWidget>> implements ISearchProvider {
  constructor(widget: MainAreaWidget<LogWidget>) {
    super(widget);
    this.state = widget.content.state;
    this.state.changed.connect(this.onChanged, this);
  }

  readonly isReadOnly = true;

  get currentMatchIndex(): number | null {
    return this.state.current;
  }

  get matchesCount(): number {
    return this.state.matches.length;
  }

  dispose(): void {
    this.state.changed.disconnect(this.onChanged, this);
    super.dispose();
  }

  getInitialQuery(): string {
    return window.getSelection()?.toString().trim().split('\n')[0] ?? '';
  }

  async startQuery(query: RegExp): Promise<void> {
    this.state.search(query);
  }

  async endQuery(): Promise<void> {
    this.state.search(null);
  }

  async clearHighlight(): Promise<void> {
    // the viewer marks what is found for as long as it is searched for
  }

  async highlightNext(loop = true): Promise<ISearchMatch | undefined> {
    return this.found(this.state.step(1, loop));
  }

  async highlightPrevious(loop = true): Promise<ISearchMatch | undefined> {
    return this.found(this.state.step(-1, loop));
  }

  async replaceCurrentMatch(): Promise<boolean> {
    return false;
  }

  async replaceAllMatches(): Promise<boolean> {
    return false;
  }

  private found(match: IMatch | undefined): ISearchMatch | undefined {
    if (!match) {
      return undefined;
    }
    const { text } = this.state.reader.log.lines[match.line];
    return { text: text.slice(match.start, match.end), position: match.start };
  }

  private onChanged(): void {
    this._stateChanged.emit();
  }

  private readonly state: LogState;
}

/** For the registry of searches, which gives each only what is applicable. */
export const logFinder: ISearchProviderFactory = {
  createNew: widget => new LogFinder(widget as MainAreaWidget<LogWidget>),
  isApplicable: (domain: Widget): domain is MainAreaWidget<LogWidget> =>
    domain instanceof MainAreaWidget && domain.content instanceof LogWidget
};
