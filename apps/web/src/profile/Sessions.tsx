import type { Session } from '../providers/http';
import { dateTime } from '../shared/format';
import { useOwnRows } from './own-rows';
import { RowList } from '../shared/RowList';
import { Section } from '../shared/Section';

export const Sessions = () => {
  const { rows, loading, error, remove } = useOwnRows<Session>('sessions', 'The session has ended.');
  return (
    <Section title="Sessions" hint="Where you are signed in. End what you do not know." loading={loading} error={error}>
      <RowList
        rows={rows.map(({ id, userAgent, address, current, lastUsedAt, createdAt }) => ({
          id,
          primary: `${current ? 'This browser: ' : ''}${userAgent ?? 'unknown browser'}`,
          secondary: `from ${address ?? 'unknown'}, began ${dateTime(createdAt)}, last used ${dateTime(lastUsedAt)}`,
          action: current ? undefined : 'End',
        }))}
        empty="No session."
        onAction={remove}
      />
    </Section>
  );
};
