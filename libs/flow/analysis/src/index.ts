export { AnalysisService } from './analysis.service';
export { CODE_RULES } from './classify';
export { IndexingService } from './indexing.service';
