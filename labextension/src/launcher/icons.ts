import { LabIcon } from '@jupyterlab/ui-components';

import appose from '../../style/icons/appose.svg';
import broken from '../../style/icons/broken.svg';
import conda from '../../style/icons/conda.svg';
import pixi from '../../style/icons/pixi.svg';
import requirements from '../../style/icons/requirements.svg';
import script from '../../style/icons/script.svg';
import uv from '../../style/icons/uv.svg';
import { environmentsIcon } from '../icons';
import type { Environment } from '../wire';

const FORMATS: Readonly<Record<string, string>> = { appose, conda, pixi, requirements, script, uv };

/** What an icon says of its environment: its state in a corner, and whether it asks for a GPU. */
const STATE = (kind: string): string =>
  `<circle class="jp-appose-card-mark jp-mod-${kind}" cx="21" cy="3" r="2.5"/>` +
  (kind === 'drifted' ? '<path class="jp-appose-card-half" d="M21 .9a2.1 2.1 0 0 1 0 4.2z"/>' : '');
const GPU =
  '<g class="jp-appose-card-gpu"><rect x="11.5" y="17" width="12" height="6.5" rx="1.2"/>' +
  '<text x="17.5" y="22" text-anchor="middle">GPU</text></g>';

const made = new Map<string, LabIcon>();

export const brokenIcon = new LabIcon({ name: 'appose-kernel:broken', svgstr: broken });

/** The icon of an environment's card. */
export function cardIcon(format: string, state: Environment['state'], gpu: boolean): LabIcon {
  const svg = FORMATS[format] ?? environmentsIcon.svgstr;
  const kind = state.replace(' ', '-');
  const name = `appose-kernel:card-${format}-${kind}${gpu ? '-gpu' : ''}`;
  const marks = STATE(kind) + (gpu ? GPU : '');
  const icon = made.get(name) ?? new LabIcon({ name, svgstr: svg.replace(/<\/svg>\s*$/, `${marks}</svg>`) });
  made.set(name, icon);
  return icon;
}
