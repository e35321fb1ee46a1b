import { cssColour, palette } from './ansicolours';
import type { IColour } from './ansicolours';

/** How a piece of a tool's output is to look, as its escape sequences say. */
export interface IStyle {
  readonly colour?: IColour;
  readonly background?: IColour;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

/** A piece of a line that looks alike. */
export interface ISpan {
  readonly text: string;
  readonly style: IStyle;
}

export const PLAIN: IStyle = {};

/**
 * Escape sequences and other control characters, but for tabs: CSI, the strings (OSC, DCS, …) with their end or
 * without, two-character escapes, single controls. https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
const CONTROL =
  /(?:\x1b\[|\x9b)([0-?]*)([ -/]*)([@-~])|(?:\x1b[\]PX^_])[^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

/** Whether a text is more than what it shows. */
export function hasControls(text: string): boolean {
  return text.search(CONTROL) >= 0;
}

/**
 * One line of output as spans, and the style that the next line begins with.
 *
 * What follows a carriage return replaces what stood before it, as progress bars mean it.
 */
export function parseLine(text: string, style: IStyle = PLAIN): { spans: ISpan[]; style: IStyle } {
  let spans: ISpan[] = [];
  let from = 0;
  let returned = false;
  const add = (piece: string): void => {
    if (piece) {
      spans = returned ? [] : spans;
      returned = false;
      spans.push({ text: piece, style });
    }
  };
  for (const match of text.matchAll(CONTROL)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[0] === '\r') {
      returned = true;
    } else if (match[3] === 'm' && !match[2]) {
      style = restyle(style, match[1]);
    }
  }
  add(text.slice(from));
  return { spans, style };
}

/** What a span looks like: JupyterLab's classes, and colours of the theme's lightness. */
export function spanLook(style: IStyle): { className: string | undefined; style: Record<string, string> } {
  const kinds = ['bold', 'dim', 'italic', 'underline', 'strike', 'inverse'] as const;
  const classes = kinds.filter(kind => style[kind]).map(kind => `jp-mod-${kind}`);
  const look: Record<string, string> = {};
  if (style.colour && !style.inverse) {
    look.color = cssColour(style.colour, false);
  }
  if (style.background && !style.inverse) {
    look.backgroundColor = cssColour(style.background, true);
  }
  return { className: classes.join(' ') || undefined, style: look };
}

/** SGR: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, “Character Attributes”. */
function restyle(style: IStyle, parameters: string): IStyle {
  const codes = parameters.split(';');
  while (codes.length) {
    const [code, ...parts] = codes.shift()!.split(':').map(Number);
    if (code === 38 || code === 48) {
      const colour = parts.length ? extended(parts, true) : extended(codes.map(Number), false);
      if (!parts.length) {
        codes.splice(0, codes[0] === '2' ? 4 : 2);
      }
      style = code === 38 ? { ...style, colour } : { ...style, background: colour };
    } else {
      style = simple(style, code, parts[0]);
    }
  }
  return style;
}

function simple(style: IStyle, code: number, variant: number | undefined): IStyle {
  const set = SET[code];
  switch (true) {
    case code === 0:
      return PLAIN;
    case code === 4:
      return { ...style, underline: variant !== 0 };
    case set !== undefined:
      return { ...style, ...set };
    case (code >= 30 && code <= 37) || (code >= 90 && code <= 97):
      return { ...style, colour: palette((code % 10) + (code >= 90 ? 8 : 0)) };
    case (code >= 40 && code <= 47) || (code >= 100 && code <= 107):
      return { ...style, background: palette((code % 10) + (code >= 100 ? 8 : 0)) };
    default:
      return style;
  }
}

const SET: Record<number, IStyle> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { colour: undefined },
  49: { background: undefined }
};

/** `5;n` or `2;r;g;b`; with colons a colour space may stand before the red. */
function extended(parts: number[], colons: boolean): IColour | undefined {
  if (parts[0] === 5) {
    return palette(parts[1]);
  }
  const [red, green, blue] = parts.slice(colons && parts.length > 4 ? 2 : 1);
  const channels = [red, green, blue];
  return parts[0] === 2 && channels.every(channel => channel >= 0 && channel <= 255)
    ? (channels as unknown as IColour)
    : undefined;
}
