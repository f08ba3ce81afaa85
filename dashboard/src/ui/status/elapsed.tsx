import { useEffect, useState } from 'preact/hooks';
import { formatDuration } from '../../format/time.ts';

/** How long something has run by now, in whole seconds; it goes on by itself. */
export function Elapsed({ since }: { readonly since: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  // This computer's clock may be behind Redis's.
  return <>{formatDuration(Math.max(0, Math.floor((now - Date.parse(since)) / 1000)))}</>;
}
