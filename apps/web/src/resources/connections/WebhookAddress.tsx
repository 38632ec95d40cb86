import { Box, Typography } from '@mui/material';
import { CopyField } from '../../shared/CopyField';

const OF_THIS_HOST = /^(localhost|127\.|\[::1\])/;

export const WebhookAddress = ({ url }: { url: string }) => (
  <Box sx={{ maxWidth: 640, display: 'grid', gap: 0.5 }}>
    <CopyField label="Address for webhooks" value={url} />
    {OF_THIS_HOST.test(new URL(url).host) && (
      <Typography variant="body2" color="text.secondary">
        Only this host can reach it. Set TEKO_URL to how the outside reaches Teko.
      </Typography>
    )}
  </Box>
);
