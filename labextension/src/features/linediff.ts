import type { DiffLine } from '../wire';

/** Lines shown around a change. */
const CONTEXT = 3;

/** Cells of the table that is filled at most; beyond, what differs is shown as replaced as a whole. */
const LIMIT = 4_000_000;

/** How a text became another one, as the server tells it of edits: see `DiffLine`. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const old = lines(before);
  const now = lines(after);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) {
    start += 1;
  }
  let end = 0;
  while (
    end < old.length - start &&
    end < now.length - start &&
    old[old.length - 1 - end] === now[now.length - 1 - end]
  ) {
    end += 1;
  }
  const all: DiffLine[] = [];
  for (let at = 0; at < start; at++) {
    all.push({ kind: 'same', before: at + 1, after: at + 1, text: old[at] });
  }
  middle(all, old, now, start, end);
  for (let at = end; at > 0; at--) {
    const [before, after] = [old.length - at, now.length - at];
    all.push({ kind: 'same', before: before + 1, after: after + 1, text: old[before] });
  }
  return shorten(all);
}

function lines(text: string): string[] {
  const found = text.split(/\r?\n/);
  if (found.at(-1) === '') {
    found.pop();
  }
  return found;
}

/** The longest common subsequence of what is left between the common start and end. */
function middle(all: DiffLine[], old: string[], now: string[], start: number, end: number): void {
  const rows = old.length - start - end;
  const columns = now.length - start - end;
  const width = columns + 1;
  const table = new Uint32Array(rows * columns > LIMIT ? 0 : (rows + 1) * width);
  if (table.length) {
    for (let row = rows - 1; row >= 0; row--) {
      for (let column = columns - 1; column >= 0; column--) {
        const at = row * width + column;
        table[at] =
          old[start + row] === now[start + column]
            ? table[at + width + 1] + 1
            : Math.max(table[at + width], table[at + 1]);
      }
    }
  }
  let row = 0;
  let column = 0;
  while (row < rows || column < columns) {
    const [before, after] = [start + row, start + column];
    const at = row * width + column;
    if (table.length && row < rows && column < columns && old[before] === now[after]) {
      all.push({ kind: 'same', before: before + 1, after: after + 1, text: old[before] });
      row += 1;
      column += 1;
    } else if (row < rows && (column === columns || !table.length || table[at + width] >= table[at + 1])) {
      all.push({ kind: 'remove', before: before + 1, after: null, text: old[before] });
      row += 1;
    } else {
      all.push({ kind: 'add', before: null, after: after + 1, text: now[after] });
      column += 1;
    }
  }
}

/** Leave out what is far from any change. */
function shorten(all: DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  all.forEach((line, at) => {
    if (line.kind !== 'same') {
      for (let around = at - CONTEXT; around <= at + CONTEXT; around++) {
        near.add(around);
      }
    }
  });
  const shown: DiffLine[] = [];
  all.forEach((line, at) => {
    if (near.has(at)) {
      shown.push(line);
    } else if (
      shown.length &&
      near.has(at - 1) &&
      [...near].some(other => other > at && other < all.length)
    ) {
      shown.push({ kind: 'gap', before: null, after: null, text: '' });
    }
  });
  return shown;
}
