import { Box, Typography } from '@mui/material';
import { CopyField } from '../../shared/CopyField';

const LOOPBACK = /^(localhost|127\.|\[::1\])/;

export const WebhookUrl = ({ url }: { url: string }) => (
  <Box sx={{ maxWidth: 640, display: 'grid', gap: 0.5 }}>
    <CopyField label="Webhook URL" value={url} />
    {LOOPBACK.test(new URL(url).host) && (
      <Typography variant="body2" color="text.secondary">
        This URL is reachable from this host only. Set TEKO_URL to the public URL of Teko.
      </Typography>
    )}
  </Box>
);
