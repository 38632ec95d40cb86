import { Box, Button, Card, CardContent, TextField, Typography } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { useCanAccess, useGetList, useNotify, useRefresh } from 'react-admin';
import { api, type Comment, type Task } from '../../providers/http';
import { TaskComment } from './TaskComment';

export const TaskComments = ({ task }: { task: Task }) => {
  const { data = [] } = useGetList<Comment>('comments', {
    filter: { taskId: task.id },
    sort: { field: 'createdAt', order: 'ASC' },
    pagination: { page: 1, perPage: 200 },
  });
  const { canAccess } = useCanAccess({ resource: 'comments', action: 'create', record: task });
  return (
    <Card component="section" aria-label="Comments">
      <CardContent sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <Typography variant="h6" component="h2">
          Comments
        </Typography>
        {data.length === 0 && <Typography color="text.secondary">No comments yet.</Typography>}
        {data.map((comment) => (
          <TaskComment key={comment.id} comment={comment} task={task} />
        ))}
        {canAccess && <NewComment taskId={task.id} />}
      </CardContent>
    </Card>
  );
};

const NewComment = ({ taskId }: { taskId: string }) => {
  const [body, setBody] = useState('');
  const notify = useNotify();
  const refresh = useRefresh();
  const add = (event: FormEvent) => {
    event.preventDefault();
    api('POST', `/tasks/${taskId}/comments`, { body })
      .then(() => {
        setBody('');
        refresh();
      })
      .catch((error: Error) => notify(error.message, { type: 'error' }));
  };
  return (
    <Box component="form" onSubmit={add} sx={{ display: 'grid', gap: 1 }}>
      <TextField
        label="Your comment"
        value={body}
        onChange={(event) => setBody(event.target.value)}
        multiline
        minRows={2}
        helperText="If an agent is waiting for an answer, it continues with this comment. Otherwise the next run of the task reads it"
      />
      <Box>
        <Button type="submit" variant="outlined" disabled={body.trim() === ''}>
          Post comment
        </Button>
      </Box>
    </Box>
  );
};
