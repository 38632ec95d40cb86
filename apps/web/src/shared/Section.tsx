import { Alert, Card, CardContent, Skeleton, Typography } from '@mui/material';
import type { ReactNode } from 'react';

interface SectionProps {
  title: string;
  hint?: string;
  loading?: boolean;
  error?: Error | null;
  children: ReactNode;
}

/** A card of a page, with its loading and error states. */
export const Section = ({ title, hint, loading, error, children }: SectionProps) => (
  <Card sx={{ minWidth: 0 }}>
    <CardContent sx={{ display: 'grid', gap: 1.5, minWidth: 0 }}>
      <Typography variant="h6" component="h2">
        {title}
      </Typography>
      {hint && <Typography color="text.secondary">{hint}</Typography>}
      {error && <Alert severity="error">{error.message}</Alert>}
      {loading ? <Skeleton variant="rounded" height={48} /> : children}
    </CardContent>
  </Card>
);
