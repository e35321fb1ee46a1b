import { hasControls, parseLine, PLAIN, spanLook } from '../src/logs/ansi';
import { cssColour, palette } from '../src/logs/ansicolours';

const ESC = '\x1b';

function texts(line: string): string[] {
  return parseLine(line).spans.map(span => span.text);
}

function styleOf(codes: string) {
  return parseLine(`${ESC}[${codes}mx`).spans[0].style;
}

describe('a line of output', () => {
  test('without escapes is one span', () => {
    expect(parseLine('a\tb').spans).toEqual([{ text: 'a\tb', style: PLAIN }]);
    expect(hasControls('a\tb')).toBe(false);
  });

  test('is cut where its style changes', () => {
    expect(texts(`${ESC}[1mbold${ESC}[0m plain`)).toEqual(['bold', ' plain']);
    expect(hasControls(`${ESC}[1mbold`)).toBe(true);
  });

  test('is parsed alike after it was asked for controls', () => {
    const line = `${ESC}[31mred${ESC}[0m`;
    hasControls(line);
    expect(texts(line)).toEqual(['red']);
  });

  test.each([
    ['moves of the cursor', `${ESC}[2K${ESC}[1Ga${ESC}[?25lb`],
    ['titles and links', `${ESC}]0;title\x07a${ESC}]8;;http://x${ESC}\\b${ESC}]8;;${ESC}\\`],
    ['a string without an end', `ab${ESC}]0;title`],
    ['device control strings', `${ESC}P1;2q###${ESC}\\ab`],
    ['character sets and other short ones', `${ESC}(Ba${ESC}7b${ESC}`],
    ['bells, backspaces and C1 controls', 'a\x07\x08\x00b\x85\x9b31m'],
    ['modes that end like a colour', `${ESC}[>4;1ma${ESC}[1 mb`]
  ])('loses %s', (_, line) => {
    expect(texts(line).join('')).toBe('ab');
  });

  test('keeps what follows the last carriage return', () => {
    expect(texts(' 10 %\r 50 %\r100 %').join('')).toBe('100 %');
    expect(texts('done\r').join('')).toBe('done');
    expect(texts(`old\r${ESC}[32mnew`).join('')).toBe('new');
  });

  test('hands its style on', () => {
    const { style } = parseLine(`${ESC}[1;31mno reset`);
    expect(parseLine('next', style).spans).toEqual([
      { text: 'next', style: { bold: true, colour: palette(1) } }
    ]);
    expect(parseLine(`next${ESC}[m`, style).style).toBe(PLAIN);
  });
});

describe('a style', () => {
  test.each([
    ['1', { bold: true }],
    ['2;3', { dim: true, italic: true }],
    ['4;9', { underline: true, strike: true }],
    ['4:3', { underline: true }],
    ['1;22', { bold: false, dim: false }],
    ['31', { colour: [205, 0, 0] }],
    ['91', { colour: [255, 0, 0] }],
    ['44', { background: [0, 0, 238] }],
    ['107', { background: [255, 255, 255] }],
    ['31;39', {}],
    ['38;5;208', { colour: [255, 135, 0] }],
    ['38;5;244', { colour: [128, 128, 128] }],
    ['38;2;1;2;3;1', { colour: [1, 2, 3], bold: true }],
    ['48:2::1:2:3', { background: [1, 2, 3] }],
    ['38:5:208', { colour: [255, 135, 0] }],
    ['38;2;1;2;300', {}],
    ['38;5;999', {}],
    ['38', {}],
    ['77', {}]
  ])('%s', (codes, style) => {
    expect(styleOf(codes)).toEqual(style);
  });

  test('becomes classes and colours', () => {
    expect(spanLook(PLAIN)).toEqual({ className: undefined, style: {} });
    const { className, style } = spanLook(styleOf('1;4;31;44'));
    expect(className).toBe('jp-mod-bold jp-mod-underline');
    expect(style.color).toMatch(/^oklch\(var\(--jp-appose-log-lightness\) 0\.\d+ 29\.\d\)$/);
    expect(style.backgroundColor).toMatch(/^oklch\(var\(--jp-appose-log-background\)/);
    expect(spanLook(styleOf('7;31'))).toEqual({ className: 'jp-mod-inverse', style: {} });
  });

  test('has the greys of the theme', () => {
    expect(cssColour([0, 0, 0], false)).toBe('var(--jp-ui-font-color1)');
    expect(cssColour([255, 255, 255], false)).toBe('var(--jp-ui-font-color1)');
    expect(cssColour([127, 127, 127], false)).toBe('var(--jp-ui-font-color2)');
    expect(cssColour([127, 127, 127], true)).toBe('var(--jp-layout-color2)');
  });
});
