'use client';

import { useCallback, useEffect, useState } from 'react';
import type { Api } from '@/api/client';
import type { Session } from '@/api/types';

export type Loaded = { is: 'loading' } | { is: 'failed' } | { is: 'there'; session: Session };

const NOTHING = { conversations: [], remembered: [] };

/** What is known of the person, read when somebody looks. */
export function useSession(api: Api) {
  const [loaded, setLoaded] = useState<Loaded>({ is: 'loading' });

  const load = useCallback(async () => {
    setLoaded({ is: 'loading' });
    try {
      setLoaded({ is: 'there', session: await api.session() });
    } catch {
      setLoaded({ is: 'failed' });
    }
  }, [api]);

  const forget = useCallback(async () => {
    try {
      await api.forget();
    } catch {
      return false;
    }
    setLoaded((now) => (now.is === 'there' ? { ...now, session: { ...now.session, ...NOTHING } } : now));
    return true;
  }, [api]);

  useEffect(() => {
    load();
  }, [load]);
  return { loaded, load, forget };
}
