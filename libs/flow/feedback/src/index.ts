export { Requester } from './requester.service';
export { Effects } from './effects.service';
export { PullRequests } from './pull-requests.service';
export { CommentSayer } from './comment-sayer.service';
export { FeedbackService, type ProvenResult } from './feedback.service';
export { branchName } from './templates';
