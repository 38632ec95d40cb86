export { Branches } from './branches.service';
export { Requester } from './requester.service';
export { Effects } from './effects.service';
export { PullRequests } from './pull-requests.service';
export { CommentPublisher } from './comment-publisher.service';
export { FeedbackService, type ProvenResult } from './feedback.service';
export { branchName } from './templates';
