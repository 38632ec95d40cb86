import { Box, Button, Chip, TextField, Tooltip, Typography } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { Confirm, useCanAccess, useGetIdentity, useNotify, useRefresh } from 'react-admin';
import { api, type Comment, type Task } from '../../providers/http';
import { ExternalLink } from '../../shared/ExternalLink';
import { dateTime } from '../../shared/format';
import { Markdown } from '../../shared/Markdown';

/** Shows a comment, with buttons for its author to edit or delete it. */
export const TaskComment = ({ comment, task }: { comment: Comment; task: Task }) => {
  const [editing, setEditing] = useState(false);
  const { identity } = useGetIdentity();
  const isAuthor = comment.authorId !== null && comment.authorId === identity?.id;
  const canChange = isAuthor && !comment.fromForge && !comment.deletedAt;
  return (
    <Box component="article" aria-label={`Comment by ${comment.author}`}>
      <Head comment={comment} />
      {comment.deletedAt && <Typography color="text.secondary">This comment was deleted.</Typography>}
      {editing && <Editor comment={comment} onClose={() => setEditing(false)} />}
      {!editing && !comment.deletedAt && <Markdown>{comment.body}</Markdown>}
      {canChange && !editing && <AuthorActions comment={comment} task={task} onEdit={() => setEditing(true)} />}
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
        <ExternalLink href={url}>on GitHub</ExternalLink>
      </Typography>
    )}
    {!trusted && (
      <Tooltip title="The author is not allowed to request work on this repository. The comment is shown here but never sent to an agent.">
        <Chip size="small" variant="outlined" color="warning" label="hidden from agents" tabIndex={0} />
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

const AuthorActions = ({ comment, task, onEdit }: { comment: Comment; task: Task; onEdit: () => void }) => {
  const [confirming, setConfirming] = useState(false);
  const [busy, setBusy] = useState(false);
  const { canAccess: canEdit } = useCanAccess({ resource: 'comments', action: 'edit', record: task });
  const { canAccess: canDelete } = useCanAccess({ resource: 'comments', action: 'delete', record: task });
  const notify = useNotify();
  const refresh = useRefresh();
  const remove = async () => {
    setBusy(true);
    await api('DELETE', `/comments/${comment.id}`).catch((error: Error) => notify(error.message, { type: 'error' }));
    setBusy(false);
    setConfirming(false);
    refresh();
  };
  return (
    <Box>
      {canEdit && (
        <Button size="small" onClick={onEdit}>
          Edit
        </Button>
      )}
      {canDelete && (
        <Button size="small" color="inherit" onClick={() => setConfirming(true)}>
          Delete
        </Button>
      )}
      <Confirm
        isOpen={confirming}
        loading={busy}
        title="Delete this comment?"
        content="A placeholder stays in its place. The comment on GitHub is deleted too."
        confirm="Delete comment"
        onConfirm={() => void remove()}
        onClose={() => setConfirming(false)}
      />
    </Box>
  );
};
