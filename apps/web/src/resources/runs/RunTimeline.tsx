import BuildIcon from '@mui/icons-material/Build';
import ChatIcon from '@mui/icons-material/ChatBubbleOutline';
import FactCheckIcon from '@mui/icons-material/FactCheck';
import FlagIcon from '@mui/icons-material/Flag';
import NotesIcon from '@mui/icons-material/Notes';
import PublishIcon from '@mui/icons-material/Publish';
import { Box, Skeleton, Typography } from '@mui/material';
import type { Step } from '../../providers/http';
import { duration } from '../../shared/format';

const ICONS = {
  phase: FlagIcon,
  model: ChatIcon,
  tool: BuildIcon,
  gate: FactCheckIcon,
  note: NotesIcon,
  effect: PublishIcon,
};

/** Returns the main argument of a tool call. */
function inputLine(step: Step): string {
  const input = (step.input ?? {}) as Record<string, unknown>;
  const argument = input.command ?? input.path ?? input.pattern ?? input.title;
  return typeof argument === 'string' ? argument : '';
}

const StepBody = ({ step }: { step: Step }) => (
  <Box
    component="pre"
    tabIndex={0}
    sx={{
      m: 0,
      mt: 0.5,
      p: 1.5,
      maxHeight: 420,
      overflow: 'auto',
      fontSize: 12.5,
      bgcolor: 'action.hover',
      borderRadius: 1,
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
    }}
  >
    {step.kind === 'tool' && step.input && `${JSON.stringify(step.input, null, 2)}\n\n`}
    {step.output ?? ''}
  </Box>
);

const StepRow = ({ step }: { step: Step }) => {
  const Icon = ICONS[step.kind];
  const hasBody = Boolean(step.output) || (step.kind === 'tool' && step.input !== null);
  const head = (
    <>
      <Icon
        fontSize="small"
        color={step.status === 'failed' ? 'error' : step.kind === 'phase' ? 'primary' : 'action'}
        sx={{ verticalAlign: 'text-bottom', mr: 1 }}
      />
      <Box component="span" sx={{ fontWeight: step.kind === 'phase' ? 600 : 400 }}>
        {step.title}
      </Box>{' '}
      <Typography
        component="span"
        variant="body2"
        color="text.secondary"
        sx={{ fontFamily: 'monospace', overflowWrap: 'anywhere' }}
      >
        {inputLine(step)}
      </Typography>{' '}
      <Typography component="span" variant="caption" color={step.status === 'failed' ? 'error' : 'text.secondary'}>
        {step.status === 'running'
          ? 'running …'
          : step.status === 'failed'
            ? 'failed'
            : step.kind === 'phase'
              ? ''
              : duration(step.startedAt, step.finishedAt)}
      </Typography>
    </>
  );
  if (!hasBody) return <Box sx={{ py: 0.5, pl: 2 }}>{head}</Box>;
  if (step.kind === 'model') {
    return (
      <Box sx={{ py: 0.5, pl: 2 }}>
        {head}
        <Typography sx={{ pl: 3.5, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{step.output}</Typography>
      </Box>
    );
  }
  return (
    <Box component="details" sx={{ py: 0.5 }}>
      <Box component="summary" sx={{ cursor: 'pointer', borderRadius: 1 }}>
        {head}
      </Box>
      <StepBody step={step} />
    </Box>
  );
};

export const RunTimeline = ({ steps }: { steps: Step[] }) => {
  if (steps.length === 0) return <Skeleton variant="text" width="60%" aria-label="No steps yet" />;
  return (
    <Box component="ol" aria-label="Steps" sx={{ listStyle: 'none', p: 0, m: 0 }}>
      {steps.map((step) => (
        <li key={step.id}>
          <StepRow step={step} />
        </li>
      ))}
    </Box>
  );
};
