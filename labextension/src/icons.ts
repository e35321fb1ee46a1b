import { LabIcon } from '@jupyterlab/ui-components';

import environments from '../style/icons/environments.svg';

export const environmentsIcon = new LabIcon({ name: 'appose-kernel:environments', svgstr: environments });
