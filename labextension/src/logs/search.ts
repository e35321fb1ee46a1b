import type { ILine } from './lines';

/** Where a text stands: from `start` to `end` in the line of this index. */
export interface IMatch {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** More than anybody goes through one by one; a search for “e” would find millions. */
export const MATCH_LIMIT = 10_000;

/** All places where `query` matches in lines from `from` on, in their order. */
export function findMatches(lines: readonly ILine[], query: RegExp, from = 0, limit = MATCH_LIMIT): IMatch[] {
  const pattern = new RegExp(query.source, query.flags.replace(/[gy]/g, '') + 'g');
  const found: IMatch[] = [];
  for (let line = from; line < lines.length && found.length < limit; line++) {
    for (const match of lines[line].text.matchAll(pattern)) {
      if (match[0] && found.length < limit) {
        found.push({ line, start: match.index, end: match.index + match[0].length });
      }
    }
  }
  return found;
}

/** The index of the first match at or after a line; `count` past the last. */
export function matchAt(matches: readonly IMatch[], line: number): number {
  let low = 0;
  let high = matches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (matches[middle].line < line) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** A piece of a span: its ends in the span's text, and the match that it belongs to (null: none). */
export interface IPiece {
  readonly start: number;
  readonly end: number;
  readonly match: IMatch | null;
}

/** Cut a span, which stands in its line from `offset` on, at the ends of the line's matches. */
export function cut(length: number, offset: number, matches: readonly IMatch[]): IPiece[] {
  const pieces: IPiece[] = [];
  let at = 0;
  for (const match of matches) {
    const start = Math.min(length, Math.max(at, match.start - offset));
    const end = Math.min(length, match.end - offset);
    if (end > start) {
      if (start > at) {
        pieces.push({ start: at, end: start, match: null });
      }
      pieces.push({ start, end, match });
      at = end;
    }
  }
  if (at < length) {
    pieces.push({ start: at, end: length, match: null });
  }
  return pieces;
}
