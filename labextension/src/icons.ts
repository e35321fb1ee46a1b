import { LabIcon } from '@jupyterlab/ui-components';

import environments from '../style/icons/environments.svg';
import lockNone from '../style/icons/lock-none.svg';
import lockStale from '../style/icons/lock-stale.svg';

export const environmentsIcon = new LabIcon({ name: 'appose-kernel:environments', svgstr: environments });
export const lockStaleIcon = new LabIcon({ name: 'appose-kernel:lock-stale', svgstr: lockStale });
export const lockNoneIcon = new LabIcon({ name: 'appose-kernel:lock-none', svgstr: lockNone });
