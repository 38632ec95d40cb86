import { Box, Button, Chip, TextField, Tooltip, Typography } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { Confirm, useCanAccess, useGetIdentity, useNotify, useRefresh } from 'react-admin';
import { api, type Comment, type Task } from '../../providers/http';
import { Away } from '../../shared/Away';
import { dateTime } from '../../shared/format';
import { Markdown } from '../../shared/Markdown';

/** What was said, by whom, and what its author can still do with it. */
export const TaskComment = ({ comment, task }: { comment: Comment; task: Task }) => {
  const [editing, setEditing] = useState(false);
  const { identity } = useGetIdentity();
  const isMine = comment.authorId !== null && comment.authorId === identity?.id;
  const isOwn = isMine && !comment.fromForge && !comment.deletedAt;
  return (
    <Box component="article" aria-label={`Comment of ${comment.author}`}>
      <Head comment={comment} />
      {comment.deletedAt && <Typography color="text.secondary">deleted</Typography>}
      {editing && <Editor comment={comment} onClose={() => setEditing(false)} />}
      {!editing && !comment.deletedAt && <Markdown>{comment.body}</Markdown>}
      {isOwn && !editing && <OwnActions comment={comment} task={task} onEdit={() => setEditing(true)} />}
    </Box>
  );
};

const Head = ({ comment: { author, createdAt, updatedAt, deletedAt, trusted, url } }: { comment: Comment }) => (
  <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
    <Typography variant="body2" color="text.secondary">
      {author}, {dateTime(createdAt)}
    </Typography>
    {!deletedAt && updatedAt > createdAt && (
      <Tooltip title={dateTime(updatedAt)}>
        <Typography variant="body2" color="text.secondary" component="span" tabIndex={0}>
          edited
        </Typography>
      </Tooltip>
    )}
    {url && !deletedAt && (
      <Typography variant="body2">
        <Away href={url}>on GitHub</Away>
      </Typography>
    )}
    {!trusted && (
      <Tooltip title="Who wrote this may not ask for work on the repository. It is shown to people, and agents never see it.">
        <Chip size="small" variant="outlined" color="warning" label="not read to agents" tabIndex={0} />
      </Tooltip>
    )}
  </Box>
);

const Editor = ({ comment, onClose }: { comment: Comment; onClose: () => void }) => {
  const [body, setBody] = useState(comment.body);
  const notify = useNotify();
  const refresh = useRefresh();
  const save = (event: FormEvent) => {
    event.preventDefault();
    api('PATCH', `/comments/${comment.id}`, { body })
      .then(() => {
        refresh();
        onClose();
      })
      .catch((error: Error) => notify(error.message, { type: 'error' }));
  };
  return (
    <Box component="form" onSubmit={save} sx={{ display: 'grid', gap: 1, mt: 1 }}>
      <TextField
        label="Your comment"
        value={body}
        onChange={(event) => setBody(event.target.value)}
        multiline
        minRows={2}
        autoFocus
      />
      <Box>
        <Button type="submit" disabled={body.trim() === '' || body === comment.body}>
          Save
        </Button>
        <Button color="inherit" onClick={onClose}>
          Cancel
        </Button>
      </Box>
    </Box>
  );
};

const OwnActions = ({ comment, task, onEdit }: { comment: Comment; task: Task; onEdit: () => void }) => {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const { canAccess: mayEdit } = useCanAccess({ resource: 'comments', action: 'edit', record: task });
  const { canAccess: mayDelete } = useCanAccess({ resource: 'comments', action: 'delete', record: task });
  const notify = useNotify();
  const refresh = useRefresh();
  const remove = async () => {
    setBusy(true);
    await api('DELETE', `/comments/${comment.id}`).catch((error: Error) => notify(error.message, { type: 'error' }));
    setBusy(false);
    setAsking(false);
    refresh();
  };
  return (
    <Box>
      {mayEdit && (
        <Button size="small" onClick={onEdit}>
          Edit
        </Button>
      )}
      {mayDelete && (
        <Button size="small" color="inherit" onClick={() => setAsking(true)}>
          Delete
        </Button>
      )}
      <Confirm
        isOpen={asking}
        loading={busy}
        title="Delete the comment?"
        content="Its place stays, with nothing in it. On GitHub it is deleted too."
        onConfirm={() => void remove()}
        onClose={() => setAsking(false)}
      />
    </Box>
  );
};
