import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { spanLook } from './ansi';
import { spansOf } from './lines';
import type { ILine } from './lines';
import { cut, matchAt } from './search';
import type { IMatch } from './search';
import type { LogState } from './state';

/** Lines rendered above and below those in view, for smooth scrolling. */
const MARGIN = 20;

/** The lines of a log, of which only those in view are in the document. */
export function LogView(props: { state: LogState; label: string; trans: TranslationBundle }): JSX.Element {
  const { state, trans } = props;
  const { log, missing } = state.reader;
  const scroller = React.useRef<HTMLDivElement>(null);
  const sample = React.useRef<HTMLDivElement>(null);
  const [view, setView] = React.useState({ first: 0, last: 0, height: 0 });

  const look = React.useCallback(() => {
    const height = sample.current!.getBoundingClientRect().height;
    const { scrollTop, clientHeight } = scroller.current!;
    if (height && clientHeight) {
      state.top = Math.floor(scrollTop / height);
      const first = Math.max(0, state.top - MARGIN);
      const last = Math.ceil((scrollTop + clientHeight) / height) + MARGIN;
      setView(old =>
        old.first === first && old.last === last && old.height === height ? old : { first, last, height }
      );
    }
  }, [state]);

  // the size of the viewer, and of its font
  React.useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      stick(scroller.current!, state);
      look();
    });
    observer.observe(scroller.current!);
    observer.observe(sample.current!);
    return () => observer.disconnect();
  }, [state, look]);

  // lines have come: at the end, or all of those that stood before, which leave in place what is in view
  const count = log.lines.length;
  const before = React.useRef({ log, count });
  React.useLayoutEffect(() => {
    if (before.current.log !== log) {
      scroller.current!.scrollTop += (count - before.current.count) * view.height;
    }
    before.current = { log, count };
    stick(scroller.current!, state);
    look();
  }, [log, count, view.height, state, state.follow, look]);

  React.useEffect(() => {
    const reveal = (_: LogState, line: number): void => {
      const node = scroller.current!;
      const top = line * sample.current!.getBoundingClientRect().height;
      if (top < node.scrollTop || top > node.scrollTop + node.clientHeight * 0.9) {
        node.scrollTop = top - node.clientHeight / 3;
      }
      look();
      // a match far to the right too, once its line is there
      requestAnimationFrame(() => {
        node.querySelector('mark.jp-mod-current')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      });
    };
    state.reveal.connect(reveal);
    return () => void state.reveal.disconnect(reveal);
  }, [state, look]);

  const onScroll = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = scroller.current!;
    if (clientHeight) {
      state.follow = scrollTop + clientHeight > scrollHeight - view.height;
      look();
    }
  };

  const last = Math.min(view.last, count);
  const first = Math.min(view.first, last);
  return (
    <div className="jp-appose-log-view">
      {/* not in what scrolls: far down, positions are too coarse to measure by */}
      <div className="jp-appose-log-line jp-mod-sample" ref={sample} aria-hidden={true}>
        {' '}
      </div>
      <div
        className={`jp-appose-log-scroller${state.times ? ' jp-mod-times' : ''}`}
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={props.label}
        aria-busy={missing > 0}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div
          className="jp-appose-log-lines"
          style={{
            height: count * view.height,
            width: `calc(${log.width}ch + var(--jp-appose-log-gutter))`
          }}
        >
          <div style={{ top: first * view.height }}>
            {log.lines.slice(first, last).map((line, index) => (
              <Line key={first + index} line={line} index={first + index} state={state} />
            ))}
          </div>
        </div>
      </div>
      {missing > 0 && (
        <div className="jp-appose-log-loading">
          {trans.__('Loading what stands before… %1 %', Math.round((1 - missing) * 100))}
        </div>
      )}
    </div>
  );
}

function stick(scroller: HTMLElement, state: LogState): void {
  if (state.follow) {
    scroller.scrollTop = scroller.scrollHeight;
  }
}

function Line(props: { line: ILine; index: number; state: LogState }): JSX.Element {
  const { line, index, state } = props;
  const from = matchAt(state.matches, index);
  const matches = state.matches.slice(from, matchAt(state.matches, index + 1));
  const current = state.current === null ? null : state.matches[state.current];
  const heading = line.kind === 'phase' ? { role: 'heading', 'aria-level': 3 } : {};
  let offset = 0;
  return (
    <div className={`jp-appose-log-line jp-mod-${line.kind}`} data-time={clockText(line.time)} {...heading}>
      {spansOf(line).map((span, position) => {
        offset += span.text.length;
        return (
          <span key={position} {...spanLook(span.style)}>
            {marked(span.text, offset - span.text.length, matches, current)}
          </span>
        );
      })}
    </div>
  );
}

function marked(
  text: string,
  offset: number,
  matches: readonly IMatch[],
  current: IMatch | null
): React.ReactNode {
  if (!matches.length) {
    return text;
  }
  return cut(text.length, offset, matches).map(({ start, end, match }) =>
    match ? (
      <mark key={start} className={match === current ? 'jp-mod-current' : undefined}>
        {text.slice(start, end)}
      </mark>
    ) : (
      text.slice(start, end)
    )
  );
}

function clockText(time: number): string {
  return new Date(time * 1000).toLocaleTimeString([], { hour12: false });
}
