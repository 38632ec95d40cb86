import type { Session } from '../providers/http';
import { dateTime } from '../shared/format';
import { useOwnRows } from './own-rows';
import { RowList } from '../shared/RowList';
import { Section } from '../shared/Section';

export const Sessions = () => {
  const { rows, loading, error, remove } = useOwnRows<Session>('sessions', 'Session ended.');
  return (
    <Section
      title="Sessions"
      hint="Browsers where you are signed in. End any session you do not recognise."
      loading={loading}
      error={error}
    >
      <RowList
        rows={rows.map(({ id, userAgent, address, current, lastUsedAt, createdAt }) => ({
          id,
          primary: `${current ? 'This browser: ' : ''}${userAgent ?? 'unknown browser'}`,
          secondary: `from ${address ?? 'an unknown address'}, signed in ${dateTime(createdAt)}, last used ${dateTime(lastUsedAt)}`,
          action: current ? undefined : 'End session',
        }))}
        empty="No sessions."
        onAction={remove}
      />
    </Section>
  );
};
