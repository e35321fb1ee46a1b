/** Red, green and blue, each from 0 to 255. */
export type IColour = readonly [number, number, number];

/** The sixteen named colours, as xterm has them. */
const NAMED: readonly IColour[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255]
];

/** Below this chroma a colour is a grey. */
const GREY = 0.03;

/** The chroma of a background at most: text is to be read on it. */
const PALE = 0.08;

/** One of the 256 colours: the named ones, a cube of six steps a side, and greys; undefined outside. */
export function palette(index: number): IColour | undefined {
  if (index < 16) {
    return NAMED[index];
  }
  if (index < 232) {
    const step = (part: number): number => (part ? 55 + 40 * part : 0);
    const cube = index - 16;
    return [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)];
  }
  if (index < 256) {
    const grey = 8 + 10 * (index - 232);
    return [grey, grey, grey];
  }
  return undefined;
}

/**
 * A colour in the lightness at which it can be read on the present theme: a tool knows no more of its background
 * than that it is a terminal's. Greys are the theme's own.
 */
export function cssColour(colour: IColour, background: boolean): string {
  const { lightness, chroma, hue } = oklch(colour);
  if (chroma < GREY) {
    const strong = lightness < 0.3 || lightness > 0.75;
    return background ? 'var(--jp-layout-color2)' : `var(--jp-ui-font-color${strong ? 1 : 2})`;
  }
  const shown = background ? 'var(--jp-appose-log-background)' : 'var(--jp-appose-log-lightness)';
  const vivid = background ? Math.min(chroma, PALE) : chroma;
  return `oklch(${shown} ${vivid.toFixed(3)} ${hue.toFixed(1)})`;
}

/** sRGB to OKLCH: https://bottosson.github.io/posts/oklab/. The hue is in degrees. */
function oklch(colour: IColour): { lightness: number; chroma: number; hue: number } {
  const [red, green, blue] = colour.map(channel => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const lightness = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
  const a = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short;
  const b = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short;
  return { lightness, chroma: Math.hypot(a, b), hue: ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360 };
}
