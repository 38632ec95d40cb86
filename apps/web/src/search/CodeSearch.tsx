import SearchIcon from '@mui/icons-material/Search';
import { Alert, Box, Button, Chip, LinearProgress, TextField, Typography } from '@mui/material';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { RecordContextProvider, ReferenceField } from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { api, type SearchAnswer, type SearchHit } from '../providers/http';
import { Section } from '../shared/Section';

const MAX_HITS = 12;
const MAX_CHARACTERS = 20_000;

/** Searches the code of one repository, or of all. The query is part of the URL, so that results can be shared. */
export const CodeSearch = ({ repositoryId }: { repositoryId?: string }) => {
  const [params, setParams] = useSearchParams();
  const query = params.get('q') ?? '';
  const [text, setText] = useState(query);
  // The URL also changes without the form, e.g. through the link in the menu.
  useEffect(() => setText(query), [query]);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['repositories', 'search', repositoryId ?? 'all', query],
    queryFn: ({ signal }) => search(repositoryId, query, signal),
    enabled: query !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  const submit = (event: Pick<FormEvent, 'preventDefault'>) => {
    event.preventDefault();
    // The index may have changed since the last search.
    if (query !== '' && text.trim() === query) return void refetch();
    const next = new URLSearchParams(params);
    if (text.trim()) next.set('q', text.trim());
    else next.delete('q');
    setParams(next, { replace: true });
  };
  return (
    <Section title="Search code" error={error}>
      <Box component="form" role="search" onSubmit={submit} sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
        <TextField
          label="Query"
          helperText="A description, a symbol or a path; or paste an error message or a ticket, with its title on the first line"
          value={text}
          onChange={(event) => setText(event.target.value)}
          slotProps={{ htmlInput: { maxLength: MAX_CHARACTERS, enterKeyHint: 'search' } }}
          onKeyDown={(event) => {
            const isSubmit = event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing;
            if (isSubmit) submit(event);
          }}
          multiline
          maxRows={8}
          fullWidth
        />
        <Button type="submit" variant="contained" startIcon={<SearchIcon />} sx={{ mt: 1 }}>
          Search
        </Button>
      </Box>
      {isFetching && <LinearProgress aria-label="Searching" />}
      {query && data?.notice && <Alert severity="warning">{data.notice}</Alert>}
      {query && data?.hits.length === 0 && (
        <Typography color="text.secondary">No results. Try other words, a symbol name or a path.</Typography>
      )}
      {query && data && data.hits.length > 0 && (
        <Box component="ol" aria-label="Results" sx={{ listStyle: 'none', p: 0, m: 0, display: 'grid', gap: 1.5 }}>
          {data.hits.map((hit) => (
            <Hit key={`${hit.repositoryId}:${hit.path}:${hit.startLine}`} hit={hit} showRepository={!repositoryId} />
          ))}
        </Box>
      )}
    </Section>
  );
};

interface HitProps {
  hit: SearchHit;
  showRepository: boolean;
}

const Hit = ({
  hit: { repositoryId, path, startLine, endLine, symbol, language, snippet, reasons },
  showRepository,
}: HitProps) => (
  <Box component="li" sx={{ minWidth: 0 }}>
    <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'baseline' }}>
      {showRepository && (
        <RecordContextProvider value={{ id: repositoryId, repositoryId }}>
          <ReferenceField source="repositoryId" reference="repositories" link="show" />
        </RecordContextProvider>
      )}
      <Typography component="h3" variant="body2" sx={{ fontFamily: 'monospace', overflowWrap: 'anywhere' }}>
        {path}:{startLine}–{endLine}
      </Typography>
      {symbol && <Typography variant="body2">{symbol}</Typography>}
      {language && (
        <Typography variant="caption" color="text.secondary">
          {language}
        </Typography>
      )}
    </Box>
    <Box sx={{ display: 'flex', gap: 0.5, flexWrap: 'wrap', my: 0.5 }}>
      {reasons.map(({ kind, detail }) => (
        <Chip key={kind} size="small" variant="outlined" label={`${kind}: ${detail}`} sx={{ maxWidth: '100%' }} />
      ))}
    </Box>
    <Box
      component="pre"
      tabIndex={0}
      aria-label={`Snippet of ${path}`}
      sx={{
        m: 0,
        p: 1,
        borderRadius: 1,
        bgcolor: 'action.hover',
        fontSize: 12.5,
        overflow: 'auto',
        maxHeight: 260,
      }}
    >
      {snippet}
    </Box>
  </Box>
);

function search(repositoryId: string | undefined, q: string, signal: AbortSignal): Promise<SearchAnswer> {
  signal.throwIfAborted();
  return api<SearchAnswer>('POST', '/search', {
    q,
    limit: MAX_HITS,
    ...(repositoryId && { repositoryId: [repositoryId] }),
  });
}
