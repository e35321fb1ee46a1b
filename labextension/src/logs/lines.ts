import { hasControls, parseLine, PLAIN } from './ansi';
import type { ISpan, IStyle } from './ansi';
import type { BuildEvent } from '../wire';

/** One line of the viewer. */
export interface ILine {
  /** A heading; what the build says of its own; a line of the tool's output. */
  readonly kind: 'phase' | 'step' | 'output';
  /** What is shown, searched and copied. */
  readonly text: string;
  /** Unix seconds. */
  readonly time: number;
  /** What the tool wrote, where that is more than the text; with the style that lines before it left. */
  readonly raw?: string;
  readonly style?: IStyle;
}

/** Columns between tab stops, as terminals have them. */
const TAB = 8;

/** Folds the events of a build, in their order, into lines. */
export class LogLines {
  /** `heading` names a phase. */
  constructor(private readonly heading: (phase: BuildEvent['phase']) => string) {}

  readonly lines: ILine[] = [];
  /** Columns of the longest line. */
  width = 0;

  append(events: readonly BuildEvent[]): void {
    events.forEach(event => this.add(event));
  }

  private add(event: BuildEvent): void {
    const said = event.output || event.message.toLowerCase() !== event.phase ? event.message : '';
    // a tool still writes of the phase before when the next has begun, and the other way round
    if (event.phase !== this.phase && event.phase !== 'queued' && (!event.output || !this.phase)) {
      this.phase = event.phase;
      this.step = '';
      this.style = PLAIN;
      this.push({ kind: 'phase', text: this.heading(event.phase), time: event.time });
    }
    if (event.output) {
      said.split('\n').forEach(text => this.output(text, event.time));
    } else if (said && said !== this.step && event.phase !== 'queued') {
      // one that only counts on says the same again
      this.step = said;
      said.split('\n').forEach(text => this.push({ kind: 'step', text, time: event.time }));
    }
  }

  private output(raw: string, time: number): void {
    if (this.style === PLAIN && !hasControls(raw)) {
      this.push({ kind: 'output', text: raw, time });
      return;
    }
    const { spans, style } = parseLine(raw, this.style);
    const text = spans.map(span => span.text).join('');
    this.push({ kind: 'output', text, time, raw, style: this.style });
    this.style = style;
  }

  private push(line: ILine): void {
    this.lines.push(line);
    this.width = Math.max(this.width, columns(line.text));
  }

  private phase: BuildEvent['phase'] | null = null;
  private step = '';
  private style = PLAIN;
}

/** The spans of a line, made when it is shown: of a hundred thousand, a screen shows fifty. */
export function spansOf(line: ILine): readonly ISpan[] {
  return line.raw === undefined ? [{ text: line.text, style: PLAIN }] : parseLine(line.raw, line.style).spans;
}

/** What “Copy” gives. */
export function textOf(lines: readonly ILine[]): string {
  return lines.map(line => line.text + '\n').join('');
}

function columns(text: string): number {
  return text.includes('\t') ? text.length + (TAB - 1) * (text.split('\t').length - 1) : text.length;
}
