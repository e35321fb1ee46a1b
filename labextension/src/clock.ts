import * as React from 'react';

/** Unix seconds, every `seconds` while `running` and the page is in view. */
export function useNow(running: boolean, seconds = 1): number {
  const [now, setNow] = React.useState(() => Date.now() / 1000);
  React.useEffect(() => {
    if (!running) {
      return;
    }
    const tick = (): void => {
      if (!document.hidden) {
        setNow(Date.now() / 1000);
      }
    };
    tick();
    const timer = window.setInterval(tick, seconds * 1000);
    document.addEventListener('visibilitychange', tick);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [running, seconds]);
  return now;
}
