export { Requester } from './requester.service';
export { FeedbackService, type ProvenResult } from './feedback.service';
export { branchName } from './templates';
